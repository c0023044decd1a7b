"""How dropout goes wrong."""

from chainrule.checker.task import Mistake

LOOK_SCALE = (
    "What is the mean of out over many masks, next to the mean of x?",
    "What stays is scaled up in training, so that the mean stays as it was and test mode has nothing to do.",
)
LOOK_TEST = ("What does a net want in test mode: noise or a plain answer?", "In test mode out is x itself.")
LOOK_TEST_BACK = (
    "What stands in the cache of a forward in test mode?",
    "In test mode out is x itself, so dx is dout itself.",
)
LOOK_MASK = (
    "Which entries of x had a say in the loss?",
    "backward uses the very mask that forward drew, with its factor: it belongs in the cache.",
)
LOOK_SEED = (
    "Call forward twice with the same x.",
    "Every call draws a new mask; only a seed that was asked for fixes it.",
)

MISTAKES = (
    Mistake(
        "p_is_drop",
        "p is taken for the probability to drop",
        {"keep": lambda p: 1 - p},
        ("Which share of the entries is 0 when p = 0.8?", "Read again what p means in your course."),
        convention=("cs182",),
        otherwise="p is taken for the probability to keep",
        others=("cs231n", "cs682"),
    ),
    Mistake(
        "no_scale",
        "what stays is not scaled by 1/p",
        {"factor": lambda: 1.0},
        LOOK_SCALE,
        also=(
            {"keep": lambda p: 1 - p, "factor": lambda: 1.0},
            {"factor": lambda: 1.0, "test_factor": lambda keep: keep},
        ),
    ),
    Mistake(
        "multiplied",
        "what stays is multiplied by p, where it should be divided",
        {"factor": lambda keep: keep},
        LOOK_SCALE,
    ),
    Mistake(
        "other_probability",
        "what stays is divided by 1 - p, where p is the probability to stay",
        {"factor": lambda keep: 1 / (1 - keep)},
        LOOK_SCALE,
    ),
    Mistake(
        "mask_turned",
        "the mask is turned around: a share p is dropped, and what stays is divided by p",
        {"share": lambda keep: 1 - keep},
        ("Which share of the entries is 0?", "A uniform number is below p with probability p."),
    ),
    Mistake(
        "scaled_in_test",
        "out is scaled in test mode too",
        {"test_factor": lambda keep: keep},
        LOOK_TEST,
        also=({"test_factor": lambda keep: 1 / keep},),
    ),
    Mistake(
        "masked_in_test",
        "the mask is applied in test mode too",
        {"test_share": lambda keep: keep, "test_factor": lambda factor: factor},
        LOOK_TEST,
        also=({"test_share": lambda keep: keep},),
    ),
    Mistake(
        "nothing_dropped",
        "nothing is dropped in training",
        {"share": lambda: 1.0, "factor": lambda: 1.0, "two_calls": lambda: "equal"},
        LOOK_SCALE,
        also=({"share": lambda: 1.0, "two_calls": lambda: "equal"},),
    ),
    Mistake(
        "same_mask", "every call has the same mask: the seed is fixed inside", {"two_calls": lambda: "equal"}, LOOK_SEED
    ),
    Mistake(
        "seed_ignored",
        "the seed of dropout_param is not used",
        {"seeded": lambda: "different"},
        ("Which entry of dropout_param has no effect?", "A seed, where there is one, makes the mask repeatable."),
    ),
    Mistake(
        "fresh_mask",
        "backward draws a fresh mask instead of forward's",
        {"agreement": lambda keep: keep**2 + (1 - keep) ** 2},
        LOOK_MASK,
    ),
    Mistake(
        "no_mask_back",
        "backward does not mask dout",
        {"agreement": lambda keep: keep, "slope": lambda: 1.0},
        LOOK_MASK,
        also=({"agreement": lambda keep: keep},),
    ),
    Mistake(
        "mask_turned_back",
        "backward passes where forward dropped",
        {"agreement": lambda: 0.0, "slope": lambda: 0.0},
        LOOK_MASK,
    ),
    Mistake("no_scale_back", "backward masks dout but misses the factor 1/p", {"slope": lambda: 1.0}, LOOK_MASK),
    Mistake("scaled_twice_back", "backward has the factor 1/p twice", {"slope": lambda keep: 1 / keep**2}, LOOK_MASK),
    Mistake(
        "multiplied_back",
        "backward multiplies by p, where forward divided by it",
        {"slope": lambda keep: keep},
        LOOK_MASK,
    ),
    Mistake(
        "scaled_back_in_test",
        "after a forward in test mode, backward scales dout",
        {"test_slope": lambda keep: keep},
        LOOK_TEST_BACK,
        also=({"test_slope": lambda keep: 1 / keep},),
    ),
    Mistake(
        "stops_back_in_test",
        "after a forward in test mode, where no mask was drawn, backward stops",
        {"test_slope": lambda: "it stops"},
        LOOK_TEST_BACK,
    ),
)
