"""A function that no course has, with its backward and its samples: part of an instructor's reference."""

SWISH_BACKWARD = """
def swish_backward(dout, cache):
    s = 1 / (1 + np.exp(-cache))
    dx = dout * (s + cache * s * (1 - s))
    return dx

def samples_for_swish_backward(rng):
    x, dout = rng.standard_normal((2, 3, 4))
    return {"dout": dout, "cache": made_by("swish_forward", x)}
"""
