"""Where a course's conventions differ, as changes of the common texts."""

Changes = tuple[tuple[str, str], ...]

_BATCHNORM_ALONE: Changes = (
    (
        '            normalization: None, "batchnorm" or "layernorm".\n',
        "            use_batchnorm: whether there is batch normalization.\n",
    ),
    ("        normalization=None,\n", "        use_batchnorm=False,\n"),
    (
        "self.dtype, self.normalization = reg, dtype, normalization",
        "self.dtype, self.use_batchnorm = reg, dtype, use_batchnorm",
    ),
    ("if self.normalization and", "if self.use_batchnorm and"),
    ("if self.normalization:", "if self.use_batchnorm:"),
    ('            forward = batchnorm_forward if self.normalization == "batchnorm" else layernorm_forward\n', ""),
    ('            backward = batchnorm_backward if self.normalization == "batchnorm" else layernorm_backward\n', ""),
    ("norm = forward(out", "norm = batchnorm_forward(out"),
    ("= backward(dout, norm)", "= batchnorm_backward(dout, norm)"),
    ("    layernorm_backward,\n    layernorm_forward,\n", ""),
    ("[normalization]", "[batch normalization]"),
    ("with a normalization, by name", "with batch normalization, by name"),
)
_DROPOUT: Changes = (("dropout_keep_ratio", "dropout"),)

CHANGES: dict[str, dict[str, Changes]] = {
    "cs682": {"fc_net": _DROPOUT},
    "c147": {
        "fc_net": (*_DROPOUT, *_BATCHNORM_ALONE),
        "optim": (
            (" and cache (zeros of w's shape)", " and a (zeros of w's shape)"),
            ("Formula: cache <- decay_rate cache", "Formula: a <- decay_rate a"),
            ("dw / (sqrt(cache) + epsilon)", "dw / (sqrt(a) + epsilon)"),
            ("the new cache", "the new a"),
            ('"cache"', '"a"'),
            ('config["v"]', 'config["a"]'),
            ('config["m"]', 'config["v"]'),
            ('setdefault("v"', 'setdefault("a"'),
            ('setdefault("m"', 'setdefault("v"'),
            ("m <- beta1 m + (1 - beta1) dw and v <- beta2 v +", "v <- beta1 v + (1 - beta1) dw and a <- beta2 a +"),
            ("mhat = m / (1 - beta1^t) and vhat = v /", "vhat = v / (1 - beta1^t) and ahat = a /"),
            ("learning_rate mhat / (sqrt(vhat)", "learning_rate vhat / (sqrt(ahat)"),
            ("m and v (zeros", "v and a (zeros"),
            ("the new m, v and t", "the new v, a and t"),
            ("    vhat = config", "    ahat = config"),
            ("    mhat = config", "    vhat = config"),
            ("* mhat / (np.sqrt(vhat)", "* vhat / (np.sqrt(ahat)"),
        ),
    },
    "cs182": {
        "layers": (
            (
                "mask is 1 / p with probability p and 0 otherwise (inverted\n    dropout)",
                "mask is 1 / (1 - p) with probability 1 - p and 0\n    otherwise (inverted dropout)",
            ),
            ("p: the share of units that stay;", "p: the share of units that are dropped;"),
            ("((np.random.rand(*x.shape) < p) / p)", "((np.random.rand(*x.shape) >= p) / (1 - p))"),
        ),
        "optim": (
            (
                " velocity - learning_rate dw, then w <- w + velocity\n",
                " velocity + dw, then w <- w - learning_rate velocity\n",
            ),
            ('* config["velocity"] - config["learning_rate"] * dw\n', '* config["velocity"] + dw\n'),
            (
                'return w + config["velocity"], config',
                'return w - config["learning_rate"] * config["velocity"], config',
            ),
        ),
        "fc_net": (
            *_BATCHNORM_ALONE,
            ("of hidden units that stay; 1 for no dropout", "of hidden units that are dropped; 0 for none"),
            ("dropout_keep_ratio=1", "dropout=0"),
            ("if dropout_keep_ratio != 1", "if dropout != 0"),
            *_DROPOUT,
            ("        seed=None,\n", '        seed=None,\n        initialization="random",\n'),
            (
                "masks are the same in every pass.\n",
                "masks are the same in every pass.\n"
                '            initialization: "random" (weight_scale), "he" (a deviation of sqrt(2 / inputs)) or\n'
                '                "zero" (all weights 0, nothing is drawn).\n',
            ),
            ("of the weights.\n            dtype", 'of the weights, for "random".\n            dtype'),
            (
                '            self.params[f"W{layer}"] = (weight_scale * np.random.randn(fan_in, fan_out)).astype(dtype)\n',
                '            std = {"random": weight_scale, "he": np.sqrt(2 / fan_in), "zero": 0.0}[initialization]\n'
                "            drawn = np.random.randn(fan_in, fan_out) if std else np.zeros((fan_in, fan_out))\n"
                '            self.params[f"W{layer}"] = (std * drawn).astype(dtype)\n',
            ),
        ),
    },
}
