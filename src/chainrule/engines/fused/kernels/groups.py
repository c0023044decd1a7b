"""Kernels hand groups of arrays, such as `Memory`, to each other by address.

Numba would hand over a NamedTuple number by number, 130 for `Memory`, and make each kernel take them apart and put them
together again for the next. By address, LLVM has two thirds as much to read, and compiling takes a tenth less time.
"""

import hashlib
from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, register_model, typeof_impl, unbox

from chainrule.engines.fused.memory import Batches, Data, Measures, Memory, Update
from chainrule.engines.fused.program import Program


class Group(types.Type):
    """A NamedTuple that is known by its address. Compiled code reads its fields by name.

    Attributes:
        whole: Numba's type of the NamedTuple.
    """

    def __init__(self, whole: types.NamedTuple) -> None:
        self.whole = whole
        known_by = hashlib.sha256(whole.name.encode()).hexdigest()[:16]  # its own name would fill every symbol
        super().__init__(f"{whole.instance_class.__name__}_{known_by}")

    @property
    def key(self) -> types.NamedTuple:
        """What makes two of them the same."""
        return self.whole


@register_model(Group)
class GroupModel(models.PrimitiveModel):
    """In LLVM's language: a pointer to what Numba makes of the NamedTuple."""

    def __init__(self, dmm: Any, fe_type: Group) -> None:
        super().__init__(dmm, fe_type, dmm.lookup(fe_type.whole).get_value_type().as_pointer())


@unbox(Group)
def unbox_group(typ, obj, c):
    """Put the fields on the stack of the wrapper that Python calls, where they stay until it returns."""
    fields = c.unbox(typ.whole, obj)

    def cleanup() -> None:
        """Let the arrays go: Numba does so for what a type consists of, which it does not know of this one."""
        if fields.cleanup is not None:
            fields.cleanup()
        c.context.nrt.decref(c.builder, typ.whole, fields.value)

    place = cgutils.alloca_once_value(c.builder, fields.value)
    return NativeValue(place, is_error=fields.is_error, cleanup=cleanup)


@infer_getattr
class GroupAttributes(AttributeTemplate):
    """The types of fields."""

    key = Group

    def generic_resolve(self, group, name):  # type: ignore[override]  # Numba's own is a constant
        """The type of a field; None where there is none of that name."""
        return dict(zip(group.whole.fields, group.whole.types)).get(name)


@lower_getattr_generic(Group)
def field(context, builder, group, place, name):
    """Read a field."""
    at = group.whole.fields.index(name)
    value = builder.load(cgutils.gep_inbounds(builder, place, 0, at))
    return impl_ret_borrowed(context, builder, group.whole.types[at], value)


def _typeof(group: Any, context: Any) -> Group:
    return Group(types.NamedTuple([typeof_impl(one, context) for one in group], type(group)))


for _group in (Program, Data, Batches, Update, Memory, Measures):
    typeof_impl.register(_group)(_typeof)
