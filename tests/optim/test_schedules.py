"""Learning-rate schedules: landmark steps, continuity, warm-up, and schedules that make no sense."""

import math

import numpy as np
import pytest

from chainrule.core.errors import SettingError
from chainrule.optim.schedules import SCHEDULES, check_schedule, learning_rate

PER_EPOCH, EPOCHS = 10, 10
TOTAL = PER_EPOCH * EPOCHS


def rates(schedule, lr=0.5, *, steps=TOTAL, history=()):
    check_schedule(schedule)
    seen = [
        learning_rate(
            schedule,
            lr,
            step=step,
            steps_per_epoch=PER_EPOCH,
            total_steps=TOTAL,
            val_history=history[: step // PER_EPOCH],
        )
        for step in range(steps)
    ]
    assert all(type(rate) is float for rate in seen)
    return np.array(seen)


def test_constant_stays():
    assert set(rates({"kind": "constant"})) == {0.5}


def test_exponential_falls_by_the_epoch():
    seen = rates({"kind": "exponential", "decay": 0.9})
    np.testing.assert_allclose(seen, 0.5 * 0.9 ** (np.arange(TOTAL) // PER_EPOCH), rtol=1e-15)


def test_step_is_a_staircase():
    seen = rates({"kind": "step", "every": 4, "factor": 0.2})
    np.testing.assert_allclose(seen[[0, 39, 40, 79, 80, 99]], [0.5, 0.5, 0.1, 0.1, 0.02, 0.02], rtol=1e-14)


def test_cosine_goes_from_the_rate_to_its_final_share():
    seen = rates({"kind": "cosine", "final": 0.2})
    assert seen[0] == 0.5
    assert seen[-1] == pytest.approx(0.1, rel=1e-14)
    assert (seen[49] + seen[50]) / 2 == pytest.approx(0.3, rel=1e-14)  # half-way in time is half-way in height
    assert np.all(np.diff(seen) < 0)
    assert rates({"kind": "cosine"})[-1] == 0.0


def test_one_cycle_climbs_to_the_rate_and_falls_far_below():
    schedule = {"kind": "one_cycle", "warm": 1 / 3, "start_divisor": 10, "final_divisor": 1000}
    seen = rates(schedule)
    np.testing.assert_allclose(seen[[0, 33, 99]], [0.05, 0.5, 0.0005], rtol=1e-12)
    assert np.argmax(seen) == 33
    assert np.all(np.diff(seen[:34]) > 0)
    assert np.all(np.diff(seen[33:]) < 0)
    assert rates({"kind": "one_cycle", "warm": 0})[0] == 0.5


@pytest.mark.parametrize(
    "schedule", [{"kind": "cosine"}, {"kind": "one_cycle"}, {"kind": "cosine", "warmup_steps": 30}]
)
def test_smooth_kinds_make_no_jump(schedule):
    assert np.abs(np.diff(rates(schedule))).max() < 0.5 * math.pi / 2 / 29 * 1.01  # the steepest wave spans 29 steps


def test_plateau_falls_after_more_than_patience_checks_without_a_rise():
    schedule = {"kind": "plateau", "factor": 0.5, "patience": 2, "threshold": 0.01}
    history = [0.3, 0.4, 0.405, 0.4, 0.4, 0.5]
    # 0.405 rises by less than the threshold, so that the third check without a rise is the fifth of all
    np.testing.assert_allclose(rates(schedule, history=history)[::10], [0.5] * 5 + [0.25] * 5, rtol=1e-15)
    flat = rates(schedule, history=[0.3] * 9)[::10]  # after a fall the count starts anew
    np.testing.assert_allclose(flat, [0.5] * 4 + [0.25] * 3 + [0.125] * 3, rtol=1e-15)


def test_plateau_counts_nan_as_no_rise_and_stops_at_min_lr():
    schedule = {"kind": "plateau", "factor": 0.1, "patience": 0, "min_lr": 0.01}
    assert rates(schedule, history=[math.nan] * 9)[::10].tolist() == pytest.approx([0.5, 0.05] + [0.01] * 8)
    assert rates(schedule, lr=0.001, history=[0.5] * 9).tolist() == [0.001] * TOTAL  # min_lr lifts no rate


def test_warm_up_climbs_evenly_to_the_first_rate():
    seen = rates({"kind": "constant", "warmup_steps": 4})
    np.testing.assert_allclose(seen[:6], [0.1, 0.2, 0.3, 0.4, 0.5, 0.5], rtol=1e-15)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_warm_up_stands_in_front_of_every_kind(kind):
    plain, warmed = rates({"kind": kind}), rates({"kind": kind, "warmup_epochs": 2})
    first = plain[0]
    np.testing.assert_allclose(warmed[:20], first * np.arange(1, 21) / 21, rtol=1e-14)
    assert warmed[20] == first
    assert warmed[-1] == pytest.approx(
        plain[-1] if kind in ("constant", "cosine", "one_cycle") else plain[79], rel=1e-12
    )


def test_rates_by_the_epoch_change_where_an_epoch_begins_after_any_warm_up():
    for warmup in ({"warmup_steps": 4}, {"warmup_epochs": 0.4}, {"warmup_epochs": 1}, {"warmup_steps": 14}):
        seen = rates({"kind": "exponential", "decay": 0.5, **warmup})
        falls = np.flatnonzero(np.diff(seen) < 0) + 1
        assert set(falls % PER_EPOCH) == {0}
        assert falls[0] == (10 if seen[4] == 0.5 else 20)


def test_steps_past_the_end_keep_the_last_rate():
    for kind in ("cosine", "one_cycle"):
        seen = rates({"kind": kind, **({"final": 0.1} if kind == "cosine" else {})}, steps=TOTAL + 5)
        assert set(seen[TOTAL - 1 :]) == {seen[TOTAL - 1]}
        assert seen[TOTAL - 1] > 0


@pytest.mark.parametrize("kind", SCHEDULES)
def test_a_run_of_one_step_has_a_rate(kind):
    for warmup in ({}, {"warmup_steps": 1}, {"warmup_steps": 5}):
        rate = learning_rate({"kind": kind, **warmup}, 0.5, step=0, steps_per_epoch=1, total_steps=1)
        assert 0 < rate <= 0.5


def test_numpy_numbers_are_numbers():
    schedule = {"kind": "step", "every": np.int64(2), "factor": np.float64(0.5)}
    assert rates(schedule, np.float64(0.5))[25] == 0.25


NONSENSE = [
    (None, "must be a dict"),
    ("cosine", "must be a dict"),
    ({"decay": 0.9}, 'with a "kind"'),
    ({"kind": "exponental"}, "Did you mean 'exponential'"),
    ({"kind": ["cosine"]}, "unknown schedule"),
    ({"kind": "exponential", "gamma": 0.9}, "known: decay, warmup_epochs, warmup_steps"),
    ({"kind": "constant", "decay": 0.9}, "known: warmup_epochs, warmup_steps"),
    ({"kind": "exponential", "decay": 0}, "above 0 and at most 1; came 0"),
    ({"kind": "exponential", "decay": 95}, "at most 1; came 95"),
    ({"kind": "exponential", "decay": math.nan}, "came nan"),
    ({"kind": "exponential", "decay": "0.9"}, "came '0.9'"),
    ({"kind": "exponential", "decay": True}, "came True"),
    ({"kind": "step", "every": 0}, "whole number of epochs"),
    ({"kind": "step", "every": 2.5}, "whole number of epochs"),
    ({"kind": "step", "factor": -0.1}, "came -0.1"),
    ({"kind": "cosine", "final": 1.5}, "from 0 to 1"),
    ({"kind": "one_cycle", "warm": 1}, "below 1"),
    ({"kind": "one_cycle", "start_divisor": 0.5}, "at least 1"),
    ({"kind": "one_cycle", "final_divisor": math.inf}, "at least 1"),
    ({"kind": "plateau", "patience": -1}, "at least 0"),
    ({"kind": "plateau", "threshold": -1e-4}, "at least 0"),
    ({"kind": "plateau", "min_lr": None}, "came None"),
    ({"kind": "constant", "warmup_steps": 0.5}, "whole number of steps"),
    ({"kind": "constant", "warmup_epochs": -1}, "at least 0"),
    ({"kind": "constant", "warmup_epochs": 1, "warmup_steps": 1}, "not both"),
]


@pytest.mark.parametrize(("schedule", "message"), NONSENSE)
def test_nonsense_is_refused_with_a_sentence(schedule, message):
    with pytest.raises(SettingError) as error:
        check_schedule(schedule)
    assert message in str(error.value)


def test_every_option_has_a_limit():
    for kind, function in SCHEDULES.items():
        check_schedule({"kind": kind, **(function.__kwdefaults__ or {}), "warmup_epochs": 0.5})
