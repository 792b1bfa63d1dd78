"""Comparisons of sixteen integers at once, which numba's own loops do not become.

They are written in LLVM's portable vectors: one instruction each where the processor has AVX-512,
several elsewhere, with equal results.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

WIDTH = 16  # integers that are compared at once


def _load(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Return the vector that begins at an index of a one-dimensional array."""
    from llvmlite import ir

    data = context.make_array(kind)(context, builder, array).data
    vector = ir.VectorType(ir.IntType(32), WIDTH)
    pointer = builder.bitcast(builder.gep(data, [index]), vector.as_pointer())
    return builder.load(pointer, align=4)


def _spread(builder: Any, value: Any) -> Any:
    """Return a vector of one value."""
    from llvmlite import ir

    vector = ir.VectorType(ir.IntType(32), WIDTH)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


def _count(builder: Any, mask: Any) -> Any:
    """Return how many lanes of a mask are true, int64."""
    from llvmlite import ir

    bits = builder.bitcast(mask, ir.IntType(WIDTH))
    return builder.zext(builder.ctpop(bits), ir.IntType(64))


def _count_less(typing: Any, values: Any, start: Any, limit: Any) -> Any:
    """Return how many of the 16 int32 from `start` on are less than `limit`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, index, bound = arguments
        loaded = _load(context, builder, signature.args[0], array, index)
        return _count(builder, builder.icmp_signed("<", loaded, _spread(builder, bound)))

    return types.int64(values, types.int64, types.int32), generate


def _append_less(
    typing: Any,
    values: Any,
    numbers: Any,
    start: Any,
    limit: Any,
    other: Any,
    to_values: Any,
    to_numbers: Any,
    to: Any,
) -> Any:
    """Write those of 16 values less than `limit`, and not numbered `other`, side by side.

    Values and numbers are read from `start` on and written from `to` on; return how many.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        kinds = signature.args
        from_values, from_numbers, first, bound, left_out, *written, place = arguments
        value = _load(context, builder, kinds[0], from_values, first)
        number = _load(context, builder, kinds[1], from_numbers, first)
        mask = builder.and_(
            builder.icmp_signed("<", value, _spread(builder, bound)),
            builder.icmp_signed("!=", number, _spread(builder, left_out)),
        )
        pointer = ir.IntType(32).as_pointer()
        function = builder.module.declare_intrinsic(
            f"llvm.masked.compressstore.v{WIDTH}i32",
            (),
            ir.FunctionType(ir.VoidType(), [value.type, pointer, mask.type]),
        )
        for vector, kind, array in zip((value, number), kinds[5:7], written, strict=True):
            data = context.make_array(kind)(context, builder, array).data
            builder.call(function, [vector, builder.gep(data, [place]), mask])
        return _count(builder, mask)

    integers = types.int64, types.int32, types.int32
    signature = types.int64(values, numbers, *integers, to_values, to_numbers, types.int64)
    return signature, generate


count_less: Any = intrinsic(_count_less)
append_less: Any = intrinsic(_append_less)
