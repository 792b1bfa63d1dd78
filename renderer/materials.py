"""Materials as node graphs: paint, wood, marble, leaves, hair, glass, cloth and smoke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from renderer.engine import load_bpy

Colour = Sequence[float]


class Graph:
    """A new material's nodes."""

    def __init__(self) -> None:
        self.material = load_bpy().data.materials.new("material")
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()
        self.output = self.tree.nodes.new("ShaderNodeOutputMaterial")

    def add(self, kind: str, **inputs: Any) -> Any:
        """Add a node ``ShaderNode<kind>``; its inputs are values, colours or other outputs."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in inputs.items():
            self.feed(node, name.replace("_", " "), value)
        return node

    def feed(self, node: Any, name: str | int, value: Any) -> None:
        """Set an input, or link an output to it."""
        socket = node.inputs[name]
        if hasattr(value, "is_output"):
            self.tree.links.new(value, socket)
        elif isinstance(value, (tuple, list)) and socket.type == "RGBA":
            socket.default_value = (*value, 1.0)
        else:
            socket.default_value = value

    def math(self, operation: str, *values: Any) -> Any:
        """Return the output of a Math node."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for place, value in enumerate(values):
            self.feed(node, place, value)
        return node.outputs[0]

    def blend(self, share: Any, first: Any, second: Any) -> Any:
        """Return the output of a Mix Shader node."""
        node = self.tree.nodes.new("ShaderNodeMixShader")
        for place, value in enumerate((share, first, second)):
            self.feed(node, place, value)
        return node.outputs[0]

    def ramp(self, value: Any, stops: Sequence[tuple[float, Colour]]) -> Any:
        """Return colours along stops."""
        node = self.tree.nodes.new("ShaderNodeValToRGB")
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (place, colour) in zip(elements, stops, strict=True):
            element.position = place
            element.color = (*colour, 1.0)
        self.feed(node, 0, value)
        return node.outputs[0]

    def tint(self) -> Any:
        """Return the colours that came with the mesh or the strands."""
        node = self.tree.nodes.new("ShaderNodeAttribute")
        node.attribute_name = "tint"
        return node.outputs["Color"]

    def place(self, scale: Colour = (1.0, 1.0, 1.0)) -> Any:
        """Return the position on the object, scaled."""
        where = self.add("TexCoord").outputs["Object"]
        return self.add("Mapping", Vector=where, Scale=tuple(scale)).outputs[0]

    def finish(self, shader: Any, socket: str = "Surface") -> Any:
        """End in a shader (or a volume) and return the material."""
        self.tree.links.new(shader, self.output.inputs[socket])
        return self.material


def paint(
    colour: Any = None,
    rough: float = 0.5,
    *,
    metal: float = 0.0,
    coat: float = 0.0,
    soft: float = 0.0,
    sheen: float = 0.0,
    bumps: float = 0.0,
    bump_scale: float = 40.0,
) -> Any:
    """Return an opaque material; without a colour it takes the attribute "tint"."""
    graph = Graph()
    return graph.finish(
        _surface(graph, colour or graph.tint(), rough, metal, coat, soft, sheen, bumps, bump_scale)
    )


def _surface(
    graph: Graph,
    colour: Any,
    rough: float,
    metal: float = 0.0,
    coat: float = 0.0,
    soft: float = 0.0,
    sheen: float = 0.0,
    bumps: float = 0.0,
    bump_scale: float = 40.0,
) -> Any:
    node = graph.add(
        "BsdfPrincipled",
        Base_Color=colour,
        Roughness=rough,
        Metallic=metal,
        Coat_Weight=coat,
        Subsurface_Weight=soft,
        Sheen_Weight=sheen,
    )
    if soft:
        node.inputs["Subsurface Scale"].default_value = 0.08
    if bumps:
        noise = graph.add("TexNoise", Vector=graph.place(), Scale=bump_scale, Detail=3.0)
        bump = graph.add("Bump", Height=noise.outputs[0], Strength=bumps, Distance=0.05)
        graph.feed(node, "Normal", bump.outputs[0])
    return node.outputs[0]


def stripes(
    first: Colour, second: Colour, rough: float, *, scale: float, axis: str = "Z", coat: float = 0.0
) -> Any:
    """Return paint in bands across an axis."""
    graph = Graph()
    wave = graph.add("TexWave", Vector=graph.place(), Scale=scale, Distortion=0.0)
    wave.bands_direction = axis
    colour = graph.ramp(wave.outputs["Fac"], ((0.47, first), (0.53, second)))
    return graph.finish(_surface(graph, colour, rough, coat=coat))


def spots(
    ground: Colour, dots: Colour, rough: float, *, scale: float, share: float, coat: float = 0.0
) -> Any:
    """Return paint with round spots; `share` is their radius in cells."""
    graph = Graph()
    cells = graph.add("TexVoronoi", Vector=graph.place(), Scale=scale, Randomness=0.6)
    colour = graph.ramp(cells.outputs["Distance"], ((share, dots), (share + 0.03, ground)))
    return graph.finish(_surface(graph, colour, rough, coat=coat))


def wood(dark: Colour, light: Colour, *, scale: float = 3.0, rough: float = 0.5) -> Any:
    """Return wood with a grain along z."""
    graph = Graph()
    place = graph.place((5.0, 5.0, 0.5))
    grain = graph.add("TexNoise", Vector=place, Scale=scale, Detail=6.0, Distortion=0.6)
    colour = graph.ramp(grain.outputs[0], ((0.3, dark), (0.68, light)))
    return graph.finish(_surface(graph, colour, rough))


def marble(ground: Colour, veins: Colour, *, scale: float = 2.0, rough: float = 0.15) -> Any:
    """Return stone with veins."""
    graph = Graph()
    noise = graph.add("TexNoise", Vector=graph.place(), Scale=scale, Detail=8.0, Distortion=1.5)
    near = graph.math("ABSOLUTE", graph.math("SUBTRACT", noise.outputs[0], 0.5))
    colour = graph.ramp(near, ((0.0, veins), (0.07, ground)))
    return graph.finish(_surface(graph, colour, rough, coat=0.3))


def mottled(
    first: Colour, second: Colour, rough: float, *, scale: float, bumps: float = 0.0
) -> Any:
    """Return two colours in soft patches."""
    graph = Graph()
    noise = graph.add("TexNoise", Vector=graph.place(), Scale=scale, Detail=4.0)
    colour = graph.ramp(noise.outputs[0], ((0.38, first), (0.62, second)))
    return graph.finish(_surface(graph, colour, rough, bumps=bumps, bump_scale=8 * scale))


def foliage(gloss: float = 0.4, *, through: float = 0.35) -> Any:
    """Return leaves or petals of the attribute "tint" that let light through."""
    graph = Graph()
    colour = graph.tint()
    top = _surface(graph, colour, 1 - gloss)
    glow = graph.add("BsdfTranslucent", Color=colour).outputs[0]
    return graph.finish(graph.blend(through, top, glow))


def hair(rough: float = 0.35) -> Any:
    """Return strands of the attribute "tint".

    Half of them is plain diffuse: it stands for the light of many scatterings, which short paths
    (`Stage.shorten_paths`) leave out.
    """
    graph = Graph()
    colour = graph.tint()
    node = graph.tree.nodes.new("ShaderNodeBsdfHairPrincipled")
    node.parametrization = "COLOR"
    graph.feed(node, "Color", colour)
    graph.feed(node, "Roughness", rough)
    plain = graph.add("BsdfDiffuse", Color=colour).outputs[0]
    return graph.finish(graph.blend(0.5, node.outputs[0], plain))


def glass(colour: Colour = (1.0, 1.0, 1.0), *, rough: float = 0.0, index: float = 1.3) -> Any:
    """Return clear or tinted glass; what is behind it stays out of the picture."""
    graph = Graph()
    return graph.finish(
        graph.add("BsdfGlass", Color=tuple(colour), Roughness=rough, IOR=index).outputs[0]
    )


def sheer(colour: Colour, opacity: float) -> Any:
    """Return thin cloth: the share of light it stops grows as it is seen aslant."""
    graph = Graph()
    facing = graph.add("LayerWeight", Blend=0.5).outputs["Facing"]
    # A thread count seen at an angle: opacity is 1 - (1 - a) ** (1 / cos).
    path = graph.math(
        "DIVIDE", 1.0, graph.math("MAXIMUM", graph.math("SUBTRACT", 1.0, facing), 0.08)
    )
    share = graph.math("SUBTRACT", 1.0, graph.math("POWER", 1.0 - opacity, path))
    cloth = graph.blend(
        0.45,
        graph.add("BsdfDiffuse", Color=tuple(colour)).outputs[0],
        graph.add("BsdfTranslucent", Color=tuple(colour)).outputs[0],
    )
    return graph.finish(graph.blend(share, graph.add("BsdfTransparent").outputs[0], cloth))
