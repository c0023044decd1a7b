"""What stands around the matrix products of an affine layer."""

from chainrule.engines.fused.kernels.compiler import clear, kernel


@kernel
def joined(parts, b, y):
    """y = the sum of the slices' products of their features, plus the bias. Twin: `layers.affine.forward`."""
    for i in range(y.shape[0]):
        for j in range(b.size):
            y[i, j] = parts[0, i, j] + b[j]
        for s in range(1, parts.shape[0]):
            for j in range(b.size):
                y[i, j] += parts[s, i, j]


@kernel
def biased(y, b):
    """Add the bias to a product, in place."""
    for i in range(y.shape[0]):
        for j in range(b.size):
            y[i, j] += b[j]


@kernel
def bias_gradient(dy, db):
    """Twin: db in `layers.affine.backward`."""
    clear(db)
    for i in range(dy.shape[0]):
        for j in range(db.size):
            db[j] += dy[i, j]


@kernel
def transposed(w, into):
    """A matrix transposed, since dx = dy @ W.T takes half as long again where BLAS must transpose W itself."""
    for j in range(into.shape[0]):
        for i in range(w.shape[0]):
            into[j, i] = w[i, j]
