"""A stage: meshes, strands and volumes from arrays, a camera that frames them, and the light."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from distinctions646.mini.drawing.draws import Draws
from renderer.engine import Render, load_bpy, render, reset
from renderer.lighting import MOODS, aim, panorama
from renderer.shapes import Array, Mesh, merged, normalised

# Points of each object that the framing looks at.
_SEEN = 4000


class Stage:
    """Put objects before a camera and render them.

    Parameters
    ----------
    size
        Long side of the picture in pixels; the short one follows from the objects.
    samples
        Most samples a pixel.
    draws
        Where the light and the sampling pattern come from.
    """

    def __init__(self, size: int, samples: int, draws: Draws) -> None:
        self._size = size
        self.scene = reset(samples, draws.integer(0, 10**9))
        self._draws = draws
        self._points: list[Array] = []
        self._lit = False

    def mesh(
        self,
        mesh: Mesh | list[Mesh],
        material: Any,
        *,
        colours: ArrayLike | None = None,
        bevel: float = 0.0,
        subdivide: int = 0,
        smooth: bool = True,
        framed: bool = True,
    ) -> Any:
        """Add a mesh; `colours` (vertices x 3, linear) become its attribute "tint"."""
        whole = merged(mesh) if isinstance(mesh, list) else mesh
        bpy = load_bpy()
        data = bpy.data.meshes.new("mesh")
        count = len(whole.faces)
        data.vertices.add(len(whole.vertices))
        data.vertices.foreach_set("co", whole.vertices.astype(np.float32).ravel())
        data.loops.add(4 * count)
        data.loops.foreach_set("vertex_index", whole.faces.astype(np.int32).ravel())
        data.polygons.add(count)
        data.polygons.foreach_set("loop_start", np.arange(0, 4 * count, 4, dtype=np.int32))
        data.polygons.foreach_set("use_smooth", np.full(count, smooth))
        layer = data.uv_layers.new(name="place")
        layer.data.foreach_set("uv", whole.uv[whole.faces.ravel()].astype(np.float32).ravel())
        if colours is not None:
            _set_colours(data, "POINT", colours)
        data.update(calc_edges=True)
        data.validate()
        data.materials.append(material)
        thing = self._add(data, whole.vertices if framed else None)
        if bevel:
            modifier = thing.modifiers.new("bevel", "BEVEL")
            modifier.width, modifier.segments = bevel, 3
        if subdivide:
            modifier = thing.modifiers.new("subdivide", "SUBSURF")
            modifier.levels = modifier.render_levels = subdivide
        return thing

    def strands(
        self, paths: Array, radii: ArrayLike, material: Any, *, colours: ArrayLike | None = None
    ) -> Any:
        """Add hair curves (n x k x 3); `colours` (n x 3) become their attribute "tint"."""
        bpy = load_bpy()
        count, steps = paths.shape[:2]
        data = bpy.data.hair_curves.new("strands")
        data.add_curves([steps] * count)
        data.points.foreach_set("position", paths.astype(np.float32).ravel())
        width = np.broadcast_to(np.asarray(radii, np.float32), (count, steps))
        radius = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
        radius.data.foreach_set("value", np.ascontiguousarray(width).ravel())
        if colours is not None:
            _set_colours(data, "CURVE", colours)
        data.materials.append(material)
        return self._add(data, paths.reshape(-1, 3))

    def moulded(self, parts: list[Mesh], *, voxel: float, rounds: int) -> tuple[Array, Array, Any]:
        """Melt meshes into one smooth body, not yet on stage.

        Returns
        -------
        vertices, normals
            n x 3 each.
        triangles
            m x 3.
        """
        bpy = load_bpy()
        thing = self.mesh(parts, None, framed=False)
        remesh = thing.modifiers.new("remesh", "REMESH")
        remesh.mode, remesh.voxel_size = "VOXEL", voxel
        smooth = thing.modifiers.new("smooth", "SMOOTH")
        smooth.factor, smooth.iterations = 0.5, rounds
        bpy.context.view_layer.update()
        shown = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
        data = shown.to_mesh()
        data.calc_loop_triangles()
        vertices = np.empty(len(data.vertices) * 3, np.float32)
        normals = np.empty(len(data.vertices) * 3, np.float32)
        triangles = np.empty(len(data.loop_triangles) * 3, np.int32)
        data.vertices.foreach_get("co", vertices)
        data.vertex_normals.foreach_get("vector", normals)
        data.loop_triangles.foreach_get("vertices", triangles)
        shown.to_mesh_clear()
        bpy.data.objects.remove(thing)
        return (
            vertices.reshape(-1, 3).astype(float),
            normals.reshape(-1, 3).astype(float),
            triangles.reshape(-1, 3),
        )

    def _add(self, data: Any, points: Array | None) -> Any:
        thing = load_bpy().data.objects.new("thing", data)
        self.scene.collection.objects.link(thing)
        if points is not None:
            self.frame(points)
        return thing

    def frame(self, points: ArrayLike) -> None:
        """Let the camera see these points too."""
        given = np.asarray(points, float).reshape(-1, 3)
        self._points.append(given[:: max(1, len(given) // _SEEN)])

    def light(self, mood: str | None = None, strength: float = 1.0) -> None:
        """Surround the stage by a panorama of a mood; one is drawn by default."""
        bpy = load_bpy()
        chosen = mood or self._draws.choice(MOODS)
        picture = panorama(self._draws.child("panorama"), chosen)
        height, width = picture.shape[:2]
        image = bpy.data.images.new("panorama", width, height, float_buffer=True)
        image.colorspace_settings.name = "Linear Rec.709"
        opaque = np.dstack([picture, np.ones((height, width), np.float32)])
        image.pixels.foreach_set(np.ascontiguousarray(opaque[::-1]).ravel())
        image.update()
        world = bpy.data.worlds.new("world")
        self.scene.world = world
        world.use_nodes = True
        tree = world.node_tree
        texture = tree.nodes.new("ShaderNodeTexEnvironment")
        texture.image = image
        background = tree.nodes["Background"]
        background.inputs["Strength"].default_value = strength
        tree.links.new(texture.outputs["Color"], background.inputs["Color"])
        self._lit = True

    def camera(
        self,
        *,
        azimuth: float = 0.0,
        elevation: float = 8.0,
        distance: float = 4.0,
        margin: float = 0.05,
        blur: float = 0.0,
        focus: float = 0.0,
    ) -> None:
        """Look at all that is framed.

        Parameters
        ----------
        azimuth, elevation
            Where the camera stands, in degrees; azimuth 0 looks along +y.
        distance
            From the middle, in radii of the objects.
        margin
            Free border as a share of the picture.
        blur
            Radius of the lens in units of the scene; 0 is sharp.
        focus
            How far beyond the middle the sharp plane is.
        """
        bpy = load_bpy()
        points = np.concatenate(self._points)
        low, high = points.min(axis=0), points.max(axis=0)
        middle = (low + high) / 2
        away = float(np.linalg.norm(high - low)) / 2 * distance
        place = middle + aim(azimuth, elevation) * away
        forward = normalised(middle - place)
        right = normalised(np.cross(forward, [0.0, 0.0, 1.0]))
        up = np.cross(right, forward)
        seen = points - place
        depth = seen @ forward
        x, y = (seen @ right) / depth, (seen @ up) / depth
        left, top = np.array([x.min(), y.max()])
        width, height = x.max() - left, top - y.min()
        centre = (left + width / 2, top - height / 2)
        long = max(width, height) / (1 - 2 * margin)
        sides = np.maximum(np.array([width, height]) / (1 - 2 * margin), 0.42 * long)
        pixels = np.ceil(self._size * sides / long / 2) * 2
        lens = bpy.data.cameras.new("camera")
        lens.sensor_fit = "AUTO"
        lens.sensor_width = 36.0
        lens.lens = 36.0 / long
        lens.shift_x, lens.shift_y = centre[0] / long, centre[1] / long
        lens.clip_end = 1000.0
        camera = bpy.data.objects.new("camera", lens)
        self.scene.collection.objects.link(camera)
        self.scene.camera = camera
        matrix = np.eye(4)
        matrix[:3, :3] = np.stack([right, up, -forward], axis=1)
        matrix[:3, 3] = place
        camera.matrix_world = matrix.T.tolist()
        if blur:
            lens.dof.use_dof = True
            lens.dof.focus_distance = away + focus
            lens.dof.aperture_fstop = lens.lens / 1000 / (2 * blur)
        self.scene.render.resolution_x, self.scene.render.resolution_y = map(int, pixels)

    def spin(self, things: list[Any], centre: ArrayLike, axis: ArrayLike, angle: float) -> None:
        """Turn things by so many radians while the shutter is open."""
        self._moving()
        for thing in things:
            pivot = load_bpy().data.objects.new("pivot", None)
            self.scene.collection.objects.link(pivot)
            pivot.location = np.asarray(centre, float).tolist()
            load_bpy().context.view_layer.update()
            thing.parent = pivot
            thing.matrix_parent_inverse = pivot.matrix_world.inverted()
            pivot.rotation_mode = "AXIS_ANGLE"
            for frame, turn in ((0, -angle), (2, angle)):
                pivot.rotation_axis_angle = (turn, *normalised(axis).tolist())
                pivot.keyframe_insert("rotation_axis_angle", frame=frame)
            _make_linear(pivot)
        self.scene.frame_set(1)

    def slide(self, things: list[Any], path: ArrayLike) -> None:
        """Move things by a vector while the shutter is open."""
        self._moving()
        shift = np.asarray(path, float)
        for thing in things:
            for frame, part in ((0, -1.0), (2, 1.0)):
                thing.location = (part * shift).tolist()
                thing.keyframe_insert("location", frame=frame)
            _make_linear(thing)
        self.scene.frame_set(1)

    def shorten_paths(self) -> None:
        """Follow light through few strands only: hair costs most and gains least by more."""
        cycles = self.scene.cycles
        cycles.max_bounces, cycles.transmission_bounces, cycles.glossy_bounces = 3, 2, 1

    def _moving(self) -> None:
        self.scene.render.use_motion_blur = True
        self.scene.render.motion_blur_shutter = 1.0

    def shoot(self, edge_samples: int = 0) -> Render:
        """Render; see `engine.render`."""
        if not self._lit:
            self.light()
        if self.scene.camera is None:
            raise ValueError("the stage has no camera; call Stage.camera first")
        return render(self.scene, edge_samples)


def _set_colours(data: Any, domain: str, colours: ArrayLike) -> None:
    given = np.asarray(colours, np.float32)
    opaque = np.concatenate([given, np.ones((len(given), 1), np.float32)], axis=1)
    attribute = data.attributes.new("tint", "FLOAT_COLOR", domain)
    attribute.data.foreach_set("color", opaque.ravel())


def _make_linear(thing: Any) -> None:
    for curve in thing.animation_data.action.fcurves:
        for key in curve.keyframe_points:
            key.interpolation = "LINEAR"
