"""Comparisons of sixteen points or boxes at once, which numba's own loops do not become.

They are written in LLVM's portable vectors: one instruction each where the processor has AVX-512,
several elsewhere, with equal results. Squared distances, float32, are handed on as their bits,
int32: floats that are not negative have the order of integers. Distances to boxes and to points add
the axes in one order, so that no rounding makes a box farther than a point in it.

Arrays are C-contiguous; where to begin is counted in elements, whatever their shape.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

WIDTH = 16  # lanes: points, boxes or integers that are compared at once
AXES = 6  # of every point; fewer are filled with zeros


def _types() -> tuple[Any, Any]:
    """Return LLVM's vectors of 16 floats and of 16 integers."""
    from llvmlite import ir

    return ir.VectorType(ir.FloatType(), WIDTH), ir.VectorType(ir.IntType(32), WIDTH)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def _load(builder: Any, pointer: Any, vector: Any, first: int = 0) -> Any:
    """Return the vector that begins `first` elements after a pointer."""
    from llvmlite import ir

    pointer = builder.gep(pointer, [ir.IntType(64)(first)])
    return builder.load(builder.bitcast(pointer, vector.as_pointer()), align=4)


def _spread(builder: Any, value: Any) -> Any:
    """Return a vector of one value."""
    from llvmlite import ir

    vector = ir.VectorType(value.type, WIDTH)
    undefined = ir.Constant(vector, ir.Undefined)
    one = builder.insert_element(undefined, value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(one, undefined, zeros)


def _greater(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", one, other), one, other)


def _mask_bits(builder: Any, mask: Any) -> Any:
    """Return the lanes of a mask as the bits of an int64."""
    from llvmlite import ir

    return builder.zext(builder.bitcast(mask, ir.IntType(WIDTH)), ir.IntType(64))


def _squared_sum(builder: Any, gaps: list[Any]) -> Any:
    """Return the sum of the axes' squares, added in pairs."""
    squares = [builder.fmul(gap, gap) for gap in gaps]
    while len(squares) > 1:
        pairs = zip(squares[::2], squares[1::2], strict=False)
        odd = squares[-1:] if len(squares) % 2 else []
        squares = [builder.fadd(*pair) for pair in pairs] + odd
    return squares[0]


def _axis_values(builder: Any, query: Any) -> list[Any]:
    """Return a vector for each axis of the query at a pointer."""
    from llvmlite import ir

    places = [builder.gep(query, [ir.IntType(64)(axis)]) for axis in range(AXES)]
    return [_spread(builder, builder.load(place)) for place in places]


def _near_boxes(
    typing: Any,
    corners: Any,
    first: Any,
    stride: Any,
    most: Any,
    least: Any,
    query: Any,
    limit: Any,
    apart: Any,
) -> Any:
    """Write the distances of 16 boxes to another; return which are less than `limit`, as bits.

    `corners` holds 16 least coordinates for each axis, `stride` apart from `first` on, then the
    greatest ones. The other box has its own in `most` and `least` from `query` on; they may be
    one array, of points.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        floats, integers = _types()
        kinds = signature.args
        start, step, place = arguments[1], arguments[2], arguments[5]
        highs, lows = (
            _axis_values(builder, _pointer(context, builder, kinds[i], arguments[i], place))
            for i in (3, 4)
        )
        zeros = ir.Constant(floats, [0.0] * WIDTH)
        rows = []
        for row in range(2 * AXES):
            index = builder.add(start, builder.mul(step, ir.IntType(64)(row)))
            pointer = _pointer(context, builder, kinds[0], arguments[0], index)
            rows.append(_load(builder, pointer, floats))
        gaps = []
        for axis in range(AXES):
            below = builder.fsub(rows[axis], highs[axis])
            above = builder.fsub(lows[axis], rows[AXES + axis])
            gaps.append(_greater(builder, _greater(builder, below, above), zeros))
        bits = builder.bitcast(_squared_sum(builder, gaps), integers)
        to = _pointer(context, builder, kinds[7], arguments[7], ir.IntType(64)(0))
        builder.store(bits, builder.bitcast(to, integers.as_pointer()), align=4)
        near = builder.icmp_signed("<", bits, _spread(builder, arguments[6]))
        return _mask_bits(builder, near)

    place = types.int64
    signature = place(corners, place, place, most, least, place, types.int32, apart)
    return signature, generate


def _append_near(
    typing: Any,
    points: Any,
    first: Any,
    queries: Any,
    query: Any,
    limit: Any,
    own: Any,
    numbers: Any,
    bits: Any,
    kept: Any,
    to: Any,
) -> Any:
    """Append those of 16 points that are nearer to a query than `limit`; return how many.

    `points` holds 16 coordinates for each axis from `first` on. The distances go into `bits` from
    `to` on and the places of the points into `kept`; `numbers` is the first point's place, and the
    point at place `own` is left out.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        floats, integers = _types()
        kinds = signature.args
        block = _pointer(context, builder, kinds[0], arguments[0], arguments[1])
        values = _axis_values(
            builder, _pointer(context, builder, kinds[2], arguments[2], arguments[3])
        )
        gaps = [
            builder.fsub(_load(builder, block, floats, axis * WIDTH), value)
            for axis, value in enumerate(values)
        ]
        apart = builder.bitcast(_squared_sum(builder, gaps), integers)
        lanes = ir.Constant(integers, [*range(WIDTH)])
        places = builder.add(_spread(builder, arguments[6]), lanes)
        mask = builder.and_(
            builder.icmp_signed("<", apart, _spread(builder, arguments[4])),
            builder.icmp_signed("!=", places, _spread(builder, arguments[5])),
        )
        return _compress(context, builder, mask, (apart, places), kinds[7:9], arguments[7:])

    place, integer = types.int64, types.int32
    signature = types.int64(
        points, place, queries, place, integer, integer, integer, bits, kept, place
    )
    return signature, generate


def _compress(
    context: Any, builder: Any, mask: Any, vectors: Any, kinds: Any, arguments: Any
) -> Any:
    """Write the lanes of a mask side by side into two arrays; return how many."""
    from llvmlite import ir

    *arrays, place = arguments
    pointer = ir.IntType(32).as_pointer()
    function = builder.module.declare_intrinsic(
        f"llvm.masked.compressstore.v{WIDTH}i32",
        (),
        ir.FunctionType(ir.VoidType(), [_types()[1], pointer, mask.type]),
    )
    # Always, though most masks are empty: a branch that skips those is mispredicted more dearly.
    for vector, kind, array in zip(vectors, kinds, arrays, strict=True):
        builder.call(function, [vector, _pointer(context, builder, kind, array, place), mask])
    return builder.ctpop(_mask_bits(builder, mask))


def _count_less(typing: Any, values: Any, start: Any, limit: Any) -> Any:
    """Return how many of the 16 int32 from `start` on are less than `limit`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], *arguments[:2])
        loaded = _load(builder, pointer, _types()[1])
        less = builder.icmp_signed("<", loaded, _spread(builder, arguments[2]))
        return builder.ctpop(_mask_bits(builder, less))

    return types.int64(values, types.int64, types.int32), generate


def _append_less(typing: Any, values: Any, numbers: Any, start: Any, limit: Any, to: Any) -> Any:
    """Move those of 16 values from `start` on that are less than `limit` to `to`; return how many.

    Their numbers move along.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = signature.args[:2]
        pairs = zip(kinds, arguments[:2], strict=True)
        pointers = [_pointer(context, builder, kind, array, arguments[2]) for kind, array in pairs]
        vectors = [_load(builder, pointer, _types()[1]) for pointer in pointers]
        mask = builder.icmp_signed("<", vectors[0], _spread(builder, arguments[3]))
        return _compress(context, builder, mask, vectors, kinds, (*arguments[:2], arguments[4]))

    return types.int64(values, numbers, types.int64, types.int32, types.int64), generate


def _lowest_bit(typing: Any, bits: Any) -> Any:
    """Return the number of the lowest bit that is set, of at least one."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        return builder.cttz(arguments[0], ir.IntType(1)(1))

    return types.int64(types.int64), generate


near_boxes: Any = intrinsic(_near_boxes)
append_near: Any = intrinsic(_append_near)
count_less: Any = intrinsic(_count_less)
append_less: Any = intrinsic(_append_less)
lowest_bit: Any = intrinsic(_lowest_bit)
