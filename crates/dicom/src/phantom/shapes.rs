//! Solids and how they blend into each other. Lengths are millimetres.

/// A point or vector.
pub(super) type Point = [f32; 3];

/// Signed distance to an ellipsoid, negative inside; exact on the surface, near enough around it.
pub(super) fn ellipsoid(point: Point, center: Point, radii: Point) -> f32 {
    let scaled: Point = std::array::from_fn(|axis| (point[axis] - center[axis]) / radii[axis]);
    let steep: Point = std::array::from_fn(|axis| scaled[axis] / radii[axis]);
    let (near, far) = (length(scaled), length(steep));
    if far < 1e-6 {
        return -radii[0].min(radii[1]).min(radii[2]);
    }
    near * (near - 1.0) / far
}

/// Signed distance to a rod with round ends.
pub(super) fn rod(point: Point, from: Point, to: Point, radius: f32) -> f32 {
    let along: Point = std::array::from_fn(|axis| to[axis] - from[axis]);
    let offset: Point = std::array::from_fn(|axis| point[axis] - from[axis]);
    let part = (dot(along, offset) / dot(along, along)).clamp(0.0, 1.0);
    length(std::array::from_fn(|axis| offset[axis] - along[axis] * part)) - radius
}

/// The length of the straight path through an ellipsoid along the third axis at (x, y).
pub(super) fn chord(x: f32, y: f32, center: [f32; 2], radii: Point) -> f32 {
    let (u, v) = ((x - center[0]) / radii[0], (y - center[1]) / radii[1]);
    2.0 * radii[2] * (1.0 - u * u - v * v).max(0.0).sqrt()
}

fn length(vector: Point) -> f32 {
    dot(vector, vector).sqrt()
}

fn dot(a: Point, b: Point) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// 0 well outside to 1 well inside, over a border of `softness`.
pub(super) fn inside(distance: f32, softness: f32) -> f32 {
    step(softness, -softness, distance)
}

/// A smooth step from 0 at `from` to 1 at `to`.
pub(super) fn step(from: f32, to: f32, at: f32) -> f32 {
    let t = ((at - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Blends `under` into `over` as far as `cover` says.
pub(super) fn blend(under: f32, over: f32, cover: f32) -> f32 {
    under + (over - under) * cover
}
