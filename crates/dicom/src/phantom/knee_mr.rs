//! A sagittal proton density series of a knee that does not exist.
//!
//! In a slice, u runs to the back and v to the foot; w counts slices to the outer side. Millimetres.

use super::noise;
use super::shapes::{Point, blend, ellipsoid, inside, rod, step};

/// Side of the square field of view, in millimetres.
pub(super) const FIELD_OF_VIEW: f32 = 160.0;
/// First and last slice, in millimetres from the middle.
pub(super) const RANGE: (f32, f32) = (-46.0, 46.0);

const FAT: f32 = 1260.0;
const MARROW: f32 = 1020.0;
const CORTEX: f32 = 70.0;
const MUSCLE: f32 = 480.0;
const CARTILAGE: f32 = 880.0;
const FLUID: f32 = 1600.0;
const TENDON: f32 = 110.0;

/// Renders the slice at `w` as 12-bit signal, row by row.
pub(super) fn slice(seed: u64, w: f32, edge: usize, index: u64) -> Vec<i32> {
    let spacing = FIELD_OF_VIEW / edge as f32;
    let real = noise::grain(seed, 3000 + index, edge, edge, 32.0);
    let imaginary = noise::grain(seed, 4000 + index, edge, edge, 32.0);
    (0..edge * edge)
        .map(|pixel| {
            let u = ((pixel % edge) as f32 + 0.5) * spacing - FIELD_OF_VIEW / 2.0;
            let v = ((pixel / edge) as f32 + 0.5) * spacing - FIELD_OF_VIEW / 2.0;
            let signal = tissue(seed, [u, v, w]) * coil(u, v);
            // The magnitude of a complex signal: Rician noise, never negative.
            let magnitude = (signal + real[pixel]).hypot(imaginary[pixel]);
            magnitude.round().clamp(0.0, 4095.0) as i32
        })
        .collect()
}

/// The surface coil is more sensitive near the skin and in the middle of its length.
fn coil(u: f32, v: f32) -> f32 {
    let radial = (u * u + v * v * 0.6).sqrt() / 80.0;
    0.78 + 0.42 * radial.min(1.0) - 0.45 * (v / 85.0).powi(4)
}

fn tissue(seed: u64, p: Point) -> f32 {
    let [u, v, w] = p;
    // The leg: wider above, with a bulge at the calf, thinner towards both sides of the series.
    let narrow = 1.0 - 0.30 * (w / 52.0).powi(2);
    let front = -52.0 * narrow - 3.0 * step(10.0, -50.0, v) + 9.0 * step(10.0, 70.0, v);
    let back = 55.0 * narrow + 8.0 * step(-10.0, -75.0, v) + 7.0 * step(20.0, 80.0, v);
    let skin = (front - u).max(u - back);
    if skin > 2.0 {
        return 0.0;
    }
    let texture = noise::fractal(seed + 5, u / 9.0, v / 30.0, w / 9.0, 3) - 0.5;
    let mut signal = blend(0.0, 620.0, inside(skin, 0.5));
    let septa = noise::value(seed + 7, u / 4.0, v / 7.0, w / 5.0);
    signal = blend(
        signal,
        FAT - 350.0 * step(0.78, 0.9, septa),
        inside(skin + 1.5, 0.6),
    );
    // Muscle behind the femur and the tibia, in bundles.
    let hamstrings = ellipsoid(p, [30.0, -66.0, 0.0], [17.0 + 6.0 * narrow, 62.0, 40.0]);
    let calf = ellipsoid(p, [36.0, 62.0, 0.0], [17.0 * narrow + 2.0, 62.0, 40.0]);
    let vastus = ellipsoid(p, [-37.0, -82.0, 6.0], [11.0, 42.0, 40.0]);
    let muscle = hamstrings.min(calf).min(vastus) + 2.5 * texture;
    signal = blend(signal, MUSCLE + 420.0 * texture, inside(muscle, 1.0));
    // The popliteal vessels.
    for (at, radius) in [(18.0, 3.6), (24.0, 4.2)] {
        let vessel = rod(p, [at + 6.0, -80.0, 2.0], [at + 2.0, 80.0, -2.0], radius);
        signal = blend(signal, 90.0 + 500.0 * texture.max(0.0), inside(vessel, 0.8));
    }
    signal = soft_parts(seed, p, signal);
    signal = bones(seed, p, signal);
    ligaments(p, signal)
}

/// Hoffa's fat pad and the joint fluid around the condyles.
fn soft_parts(seed: u64, p: Point, mut signal: f32) -> f32 {
    let hoffa = ellipsoid(p, [-31.0, 8.0, 0.0], [14.0, 19.0, 34.0]);
    let strands = noise::value(seed + 13, p[0] / 3.0, p[1] / 3.0, p[2] / 6.0);
    signal = blend(
        signal,
        FAT * 0.96 - 300.0 * step(0.8, 0.95, strands),
        inside(hoffa, 1.2),
    );
    let recess = ellipsoid(p, [-33.0, -42.0, 0.0], [3.2, 17.0, 22.0]);
    blend(signal, FLUID, inside(recess, 0.9))
}

fn condyle(p: Point) -> f32 {
    // Two condyles with the notch between them.
    let lateral = [p[0], p[1], p[2].abs()];
    let round = ellipsoid(lateral, [2.0, -16.0, 22.0], [29.0, 26.0, 18.0]);
    let trochlea = ellipsoid(p, [-13.0, -24.0, 0.0], [16.0, 17.0, 26.0]);
    let notch = ellipsoid(p, [14.0, -4.0, 0.0], [26.0, 17.0, 7.5]);
    round.min(trochlea).max(-notch)
}

fn femur(p: Point) -> f32 {
    let shaft = rod(
        p,
        [-2.0, -140.0, 0.0],
        [-4.0, -44.0, 0.0],
        14.5 + 6.0 * step(-70.0, -35.0, p[1]),
    );
    let union = condyle(p).min(shaft);
    // A soft transition from shaft to condyles.
    union - 2.5 * step(6.0, 0.0, (condyle(p) - shaft).abs())
}

fn tibia(p: Point) -> f32 {
    let plateau = ellipsoid(p, [3.0, 31.0, 0.0], [29.0, 17.0, 39.0]).max(17.0 - p[1]);
    let shaft = rod(
        p,
        [-2.0, 44.0, 0.0],
        [2.0, 150.0, 0.0],
        13.5 + 8.0 * step(70.0, 35.0, p[1]),
    );
    let tubercle = ellipsoid(p, [-22.0, 43.0, 4.0], [7.0, 9.0, 9.0]);
    plateau.min(shaft).min(tubercle)
}

fn bones(seed: u64, p: Point, mut signal: f32) -> f32 {
    let [u, v, w] = p;
    let trabeculae = noise::fractal(seed + 41, u / 2.2, v / 2.2, w / 4.0, 2) - 0.5;
    let fine = noise::value(seed + 43, u / 16.0, v / 16.0, w / 16.0) - 0.5;
    let marrow = MARROW + 300.0 * trabeculae + 220.0 * fine;
    let patella = ellipsoid(p, [-43.0, -28.0, 2.0], [8.5, 20.0, 19.0]);
    let (femur, tibia) = (femur(p), tibia(p));
    // Cartilage lies on the surfaces that meet: the condyles below, the plateau above, the back of the patella.
    let below = step(-28.0, -14.0, v) * step(26.0, 16.0, u.abs() + (v + 8.0).max(0.0) * 0.4);
    let trochlea = step(-20.0, -30.0, u) * step(-50.0, -40.0, v) * step(-2.0, -14.0, v);
    signal = blend(signal, CARTILAGE, inside(femur - 2.6, 0.5) * below.max(trochlea));
    signal = blend(
        signal,
        CARTILAGE,
        inside(tibia - 2.2, 0.5) * step(24.0, 18.0, v) * step(8.0, 14.0, v),
    );
    signal = blend(
        signal,
        CARTILAGE,
        inside(patella - 2.8, 0.5) * step(-40.0, -36.0, u),
    );
    for (distance, rim) in [(femur, 1.4), (tibia, 1.4), (patella, 1.2)] {
        signal = blend(signal, CORTEX, inside(distance, 0.5));
        let shaft_rim = rim + 2.0 * step(30.0, 70.0, v.abs());
        signal = blend(signal, marrow, inside(distance + shaft_rim, 0.6));
    }
    // The scar of the growth plate.
    let plate = (v - 47.0 + 2.0 * (u / 9.0).sin()).abs() - 0.6;
    signal = blend(signal, 480.0, inside(plate, 0.6) * inside(tibia + 3.0, 0.8) * 0.6);
    // Menisci: dark wedges in front and behind, on both sides of the notch.
    let outward = (w.abs() - 22.0) / 16.0;
    let reach = 21.0 * (1.0 - 0.35 * outward * outward);
    let wedge = ((u - 2.0).abs() - reach).abs();
    let gap = (v - 13.5).abs() - (4.6 - 0.75 * (reach + 5.0 - (u - 2.0).abs()).max(0.0)).max(0.0);
    let meniscus =
        inside(wedge - 6.0, 0.8) * inside(gap, 0.7) * step(5.0, 9.0, w.abs()) * step(42.0, 36.0, w.abs());
    signal = blend(
        signal,
        TENDON,
        meniscus * inside(-femur - 1.0, 0.6) * inside(-tibia - 1.0, 0.6),
    );
    // A film of fluid where the cartilages meet.
    let film = (v - 12.0).abs() - 0.6;
    blend(
        signal,
        FLUID * 0.8,
        inside(film, 0.6) * step(20.0, 14.0, (u - 2.0).abs()) * step(6.0, 10.0, w.abs()) * 0.7,
    )
}

/// Cruciate ligaments in the notch, the extensor tendons in front.
fn ligaments(p: Point, mut signal: f32) -> f32 {
    let in_notch = step(9.0, 6.0, p[2].abs());
    let cleft = ellipsoid(p, [10.0, 3.0, 0.0], [16.0, 14.0, 7.0]);
    signal = blend(
        signal,
        FAT * 0.75,
        inside(cleft, 1.5) * inside(-femur(p), 0.8) * inside(-tibia(p), 0.8),
    );
    let anterior = rod(p, [-12.0, 17.0, -2.0], [17.0, -14.0, 3.0], 3.6);
    signal = blend(signal, 300.0, inside(anterior, 1.0) * in_notch);
    let posterior = rod(p, [4.0, -4.0, -3.0], [20.0, -2.0, -2.0], 4.2).min(rod(
        p,
        [20.0, -2.0, -2.0],
        [28.0, 20.0, 0.0],
        4.0,
    ));
    signal = blend(signal, TENDON, inside(posterior, 1.0) * in_notch);
    let wide = step(20.0, 14.0, p[2].abs());
    let patellar = rod(p, [-47.0, -12.0, p[2]], [-29.0, 42.0, p[2]], 2.6);
    let quadriceps = rod(p, [-47.0, -46.0, p[2]], [-40.0, -120.0, p[2]], 3.0);
    blend(signal, TENDON, inside(patellar.min(quadriceps), 0.7) * wide)
}
