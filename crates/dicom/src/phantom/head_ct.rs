//! An axial CT of a head that does not exist, in Hounsfield units.
//!
//! x runs to the patient's left, y to the back, z to the vertex; the origin lies between the ventricles.

use super::noise;
use super::shapes::{Point, blend, ellipsoid, inside, rod, step};

/// Side of the square field of view, in millimetres.
pub(super) const FIELD_OF_VIEW: f32 = 230.0;
/// Lowest and highest slice, in millimetres.
pub(super) const RANGE: (f32, f32) = (-58.0, 92.0);

/// Renders the slice at height `z` in Hounsfield units, row by row.
pub(super) fn slice(seed: u64, z: f32, edge: usize, index: u64) -> Vec<i32> {
    let spacing = FIELD_OF_VIEW / edge as f32;
    // Thinner detail than a detector resolves is not there to be seen.
    let soft = spacing.max(0.45);
    let deviation = 4.2;
    let grain = noise::grain(seed, 1000 + index, edge, edge, deviation);
    (0..edge * edge)
        .map(|pixel| {
            let x = ((pixel % edge) as f32 + 0.5) * spacing - FIELD_OF_VIEW / 2.0;
            let y = ((pixel / edge) as f32 + 0.5) * spacing - FIELD_OF_VIEW / 2.0;
            let units = density(seed, [x, y - 4.0, z], soft);
            (units + grain[pixel]).round().clamp(-1024.0, 3071.0) as i32
        })
        .collect()
}

fn density(seed: u64, p: Point, soft: f32) -> f32 {
    let [x, y, z] = p;
    let mut units = -1000.0;
    // The head rest: a thin shell behind the head.
    let rest = ellipsoid([x, y, 0.0], [0.0, 10.0, 0.0], [96.0, 104.0, 500.0]).abs() - 1.2;
    if y > 30.0 {
        units = blend(units, -420.0, inside(rest, soft));
    }
    // The lower the slice the more the head is neck and face: narrower behind, longer in front.
    let low = step(-25.0, -75.0, z);
    let q = [x * (1.0 + 0.10 * low), y + 8.0 * low, z];
    let skin = ellipsoid(q, [0.0, 0.0, -2.0], [77.5, 99.0, 98.0]);
    if skin > 3.0 {
        return units;
    }
    units = blend(units, 35.0, inside(skin, soft));
    units = blend(units, -85.0, inside(skin + 2.2, soft * 1.5));
    // Temporal muscle on both sides.
    let muscle = ellipsoid([x.abs(), y, z], [66.0, -28.0, -22.0], [9.0, 30.0, 34.0]);
    units = blend(units, 50.0, inside(muscle, 1.0) * inside(skin + 5.0, soft));

    let ripple = noise::value(seed + 3, x / 24.0, y / 24.0, z / 24.0);
    let outer = ellipsoid(q, [0.0, 0.0, 0.0], [72.0, 93.0, 92.0]);
    let thickness = 5.2 + 2.2 * ripple + 1.5 * step(60.0, 90.0, y.abs());
    let inner = outer + thickness;
    let bone = 1350.0 - 620.0 * inside((inner - thickness / 2.0).abs() - thickness * 0.22, 1.0);
    units = blend(units, bone, inside(outer, soft));
    units = blend(units, 9.0, inside(inner, soft));
    if inner < 2.0 {
        let brain = brain(seed, p, -inner, soft);
        units = blend(units, brain, inside(inner + 1.6, soft));
    }
    if z < -18.0 {
        units = base(seed, p, units, soft, outer);
    }
    units
}

/// Brain tissue at a depth below the inner table of the skull.
fn brain(seed: u64, p: Point, depth: f32, soft: f32) -> f32 {
    let [x, y, z] = p;
    let side = [x.abs(), y, z];
    let warp = 5.0 * (noise::fractal(seed + 11, x / 22.0, y / 22.0, z / 22.0, 2) - 0.5);
    let fold = noise::value(seed + 17, (x + warp) / 10.5, (y - warp) / 10.5, z / 12.0)
        + 0.35 * noise::value(seed + 19, x / 5.5, (y + warp) / 5.5, z / 7.0);
    // Zero along the bottom of a sulcus, growing to both sides.
    let away = (fold - 0.675).abs() * 30.0;
    let rind = depth.min(away + (depth - 24.0).max(0.0) * 0.8);
    let matter = 38.5 - 11.0 * step(3.2, 5.2, rind + 1.5 * (fold - 0.6));
    let mut units = matter + 3.0 * (noise::value(seed + 23, x / 7.0, y / 7.0, z / 7.0) - 0.5);
    let sulcus = inside(away - 1.25 + depth * 0.05, 0.8) * step(1.0, 2.5, depth);
    units = blend(units, 8.0, sulcus);

    // The fissure between the hemispheres, with the falx in it, in front, behind and above.
    let midline = step(24.0, 34.0, y.abs()).max(step(26.0, 34.0, z)) * step(-34.0, -24.0, z);
    units = blend(
        units,
        12.0,
        inside(x.abs() - 1.9 - 0.06 * (8.0 - depth).max(0.0), 0.8) * midline * 0.8,
    );
    units = blend(units, 46.0, inside(x.abs() - 0.75, 0.6) * midline);
    // The Sylvian fissures.
    let sylvian = rod(side, [40.0, -16.0, -6.0], [62.0, -2.0, 4.0], 1.8) + 2.0 * (fold - 0.6);
    units = blend(units, 9.0, inside(sylvian, 1.2));

    // Deep grey matter.
    for (center, radii) in [
        ([17.0, -17.0, 12.0], [4.5, 12.0, 9.0]),
        ([10.5, 9.0, 6.0], [8.0, 13.0, 9.0]),
        ([25.5, -4.0, 3.0], [6.5, 16.0, 9.0]),
    ] {
        units = blend(units, 38.5, inside(ellipsoid(side, center, radii), 1.6));
    }
    units = bleeding(seed, p, units);

    // Ventricles, drawn over everything beside them; the horns diverge.
    let horn = [
        ([7.0 + 0.14 * (-12.0 - y).max(0.0), -20.0, 15.0], [4.2, 21.0, 8.5]),
        ([10.0 + 0.16 * (y - 6.0).max(0.0), 12.0, 21.0], [5.2, 24.0, 7.0]),
        ([23.0, 34.0, 9.0], [4.8, 15.0, 8.0]),
        ([33.0, 8.0, -16.0], [2.2, 15.0, 3.0]),
        ([0.0, 3.0, 2.0], [2.2, 13.0, 10.0]),
    ];
    let water = horn
        .iter()
        .map(|(center, radii)| ellipsoid(side, *center, *radii))
        .fold(f32::MAX, f32::min);
    units = blend(units, 6.0, inside(water, 0.9));
    // The septum and the choroid plexus in them.
    units = blend(
        units,
        30.0,
        inside(x.abs() - 0.8, 0.5) * inside(water - 1.0, 0.5) * step(6.0, 10.0, z),
    );
    let plexus = ellipsoid(side, [23.0, 33.0, 11.0], [2.6, 4.0, 3.0]);
    units = blend(units, 110.0, inside(plexus, 1.0));
    let pineal = ellipsoid(p, [0.0, 24.0, 4.0], [2.4, 3.0, 2.6]);
    units = blend(units, 120.0, inside(pineal, 1.2));
    if z < -18.0 {
        units = posterior_fossa(seed, p, units, soft);
    }
    units
}

/// A small haematoma in the left lentiform nucleus, with a rim of oedema.
fn bleeding(seed: u64, p: Point, units: f32) -> f32 {
    let ragged = 3.0 * (noise::fractal(seed + 29, p[0] / 6.0, p[1] / 6.0, p[2] / 6.0, 2) - 0.5);
    let distance = ellipsoid(p, [27.0, 1.0, 7.0], [6.5, 9.5, 8.0]) + ragged;
    let units = blend(units, 22.0, inside(distance - 4.0, 2.0) * 0.8);
    blend(units, 63.0, inside(distance, 1.4))
}

fn posterior_fossa(seed: u64, p: Point, mut units: f32, soft: f32) -> f32 {
    let [x, y, z] = p;
    let cerebellum = ellipsoid([x.abs(), y, z], [17.0, 46.0, -46.0], [32.0, 30.0, 25.0]);
    let folia = (y * 1.3 + z * 1.1 + 3.0 * noise::value(seed + 31, x / 14.0, y / 14.0, z / 14.0)).sin();
    units = blend(units, 12.0, inside(cerebellum.abs() - 1.0, 1.0));
    units = blend(units, 33.0 + 3.0 * folia, inside(cerebellum, 1.0));
    let cistern = ellipsoid(p, [0.0, 2.0, -34.0], [19.0, 15.0, 12.0]);
    units = blend(units, 9.0, inside(cistern, 1.5));
    let stem = ellipsoid(p, [0.0, 12.0, -44.0], [13.5, 12.5, 34.0]);
    units = blend(units, 31.0, inside(stem, 1.2));
    let fourth = ellipsoid(p, [0.0, 28.0, -42.0], [6.0, 4.5, 9.0]);
    units = blend(units, 6.0, inside(fourth, 0.9));
    // The basilar artery.
    let basilar = rod(p, [1.0, -3.0, -60.0], [-1.0, -4.0, -30.0], 1.6);
    blend(units, 44.0, inside(basilar, soft))
}

/// Skull base, petrous bones, orbits and sinuses.
fn base(seed: u64, p: Point, mut units: f32, soft: f32, outer: f32) -> f32 {
    let [x, y, z] = p;
    let side = [x.abs(), y, z];
    let cells = noise::fractal(seed + 37, x / 5.0, y / 5.0, z / 5.0, 2);
    let petrous = rod(side, [22.0, 6.0, -50.0], [66.0, 26.0, -47.0], 8.5) + 4.0 * (cells - 0.5);
    let wing = rod(side, [14.0, -30.0, -34.0], [58.0, -42.0, -27.0], 3.6);
    let clivus = rod(p, [0.0, -14.0, -66.0], [0.0, -14.0, -40.0], 6.0);
    let bone = petrous.min(wing).min(clivus);
    units = blend(
        units,
        1050.0 + 300.0 * (cells - 0.5),
        inside(bone, soft * 1.3) * inside(outer, soft),
    );
    let mastoid = ellipsoid(side, [58.0, 34.0, -54.0], [11.0, 14.0, 14.0]);
    let pneumatised = step(0.42, 0.5, cells);
    units = blend(
        units,
        blend(900.0, -850.0, pneumatised),
        inside(mastoid, 1.0) * inside(outer + 3.0, soft),
    );
    // Orbits: fat, muscle cone, globe with its lens, nerve.
    let orbit = ellipsoid(side, [32.0, -66.0, -42.0], [19.0, 25.0, 18.0]);
    units = blend(
        units,
        900.0,
        inside(orbit - 2.0, soft) * inside(outer + 1.0, soft),
    );
    units = blend(units, -95.0, inside(orbit, soft));
    let cone = rod(side, [20.0, -46.0, -42.0], [33.0, -70.0, -42.0], 7.0).abs() - 1.4;
    units = blend(
        units,
        48.0,
        inside(cone, 0.8) * inside(orbit, soft) * step(-60.0, -58.0, -y.abs()),
    );
    let nerve = rod(side, [14.0, -38.0, -41.0], [32.0, -70.0, -42.0], 1.9);
    units = blend(units, 38.0, inside(nerve, 0.8) * inside(orbit, soft));
    let globe = ellipsoid(side, [33.0, -79.0, -42.0], [12.0, 12.0, 12.0]);
    units = blend(units, 45.0, inside(globe, soft));
    units = blend(units, 12.0, inside(globe + 1.3, soft));
    let lens = ellipsoid(side, [33.0, -88.0, -42.0], [4.6, 2.2, 4.6]);
    units = blend(units, 85.0, inside(lens, soft));
    // Ethmoid and sphenoid air cells with thin walls.
    let ethmoid = ellipsoid(p, [0.0, -58.0, -46.0], [12.0, 26.0, 17.0]);
    let walls = inside((cells - 0.5).abs() * 14.0 - 0.7, 0.5);
    units = blend(units, blend(-960.0, 380.0, walls), inside(ethmoid, soft));
    let sphenoid = ellipsoid(p, [2.0, -26.0, -47.0], [11.0, 10.0, 9.0]);
    units = blend(units, 700.0, inside(sphenoid - 1.2, soft));
    blend(units, -970.0, inside(sphenoid, soft))
}
