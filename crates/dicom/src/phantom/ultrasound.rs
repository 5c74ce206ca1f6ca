//! A cine loop of a beating heart that does not exist, seen from its apex: sector, speckle, colour Doppler, ECG.

use super::font;
use super::noise;
use super::shapes::{blend, step};

/// Width and height of a frame, in pixels.
pub(super) const SIZE: (usize, usize) = (640, 480);
/// Millimetres per pixel.
pub(super) const SPACING: f32 = 0.36;
/// Where the beams start, their half angle and their length, in pixels.
const APEX: (f32, f32) = (320.0, 22.0);
const HALF_ANGLE: f32 = 0.70;
const REACH: f32 = 420.0;

/// Renders one frame as interleaved RGB. `phase` runs from 0 to 1 over one beat, the contraction first.
pub(super) fn frame(seed: u64, phase: f32, index: u64) -> Vec<u8> {
    let (width, height) = SIZE;
    let mut pixels = vec![0; width * height * 3];
    let heart = Heart::at(phase);
    for row in 0..height {
        for column in 0..width {
            let (x, y) = (column as f32 - APEX.0, row as f32 - APEX.1);
            let depth = x.hypot(y);
            let angle = x.atan2(y);
            if y <= 0.0 || angle.abs() > HALF_ANGLE || !(10.0..REACH).contains(&depth) {
                continue;
            }
            let at = (row * width + column) * 3;
            let echo = heart.echo(seed, x, y);
            let gray = level(seed, index, &heart, echo, depth, angle, (x, y));
            let color = heart
                .flow(seed, index, x, y)
                .map_or([gray; 3], |flow| doppler(flow, gray));
            pixels[at..at + 3].copy_from_slice(&color);
        }
    }
    dress(&mut pixels, phase);
    pixels
}

/// Echo strength to grey: speckle, attenuation, log compression.
fn level(seed: u64, index: u64, heart: &Heart, echo: f32, depth: f32, angle: f32, (x, y): (f32, f32)) -> u8 {
    // Speckle moves with the tissue, which moves towards the apex when it contracts.
    let pull = heart.squeeze * 9.0 * step(40.0, 320.0, y);
    let beam = (angle * (60.0 + depth * 0.16), (depth + pull) / 2.1);
    let first = noise::value(seed + 51, beam.0, beam.1, x.signum());
    let second = noise::value(seed + 53, beam.0 * 1.9, beam.1 * 0.9, 0.0);
    // Two quadratures make a Rayleigh distributed envelope.
    let (a, b) = (first * 2.0 - 1.0, second * 2.0 - 1.0);
    let speckle = (a * a + b * b).sqrt() * 1.35 + 0.05;
    let fade = 1.0 - 0.45 * step(60.0, REACH, depth) + 0.25 * step(120.0, 20.0, depth);
    let haze = 0.012 * noise::value(seed + index, x / 2.0, y / 2.0, index as f32);
    let amplitude = (echo * speckle * fade + haze).max(1e-4);
    // 55 dB of dynamic range.
    let decibels = 20.0 * amplitude.log10();
    ((decibels + 46.0) / 46.0 * 235.0).clamp(0.0, 255.0) as u8
}

/// The heart at one moment.
struct Heart {
    /// 0 relaxed to 1 contracted.
    squeeze: f32,
    /// 0 closed to 1 open: mitral and tricuspid valves.
    open: f32,
    /// Inflow during filling, outflow during contraction.
    inflow: f32,
}

impl Heart {
    fn at(phase: f32) -> Self {
        let squeeze = if phase < 0.38 {
            (phase / 0.38 * std::f32::consts::FRAC_PI_2).sin()
        } else {
            (1.0 - step(0.38, 0.72, phase)) + 0.10 * step(0.80, 0.88, phase) * step(1.0, 0.9, phase)
        };
        let early = (-((phase - 0.55) / 0.075).powi(2)).exp();
        let late = (-((phase - 0.88) / 0.05).powi(2)).exp();
        Self {
            squeeze,
            open: step(0.42, 0.48, phase) * (0.45 + 0.55 * early.max(0.8 * late)) * step(1.0, 0.96, phase),
            inflow: early.max(0.7 * late),
        }
    }

    /// Signed distance to an ellipse, in pixels.
    fn oval(x: f32, y: f32, center: (f32, f32), radii: (f32, f32)) -> f32 {
        let (u, v) = ((x - center.0) / radii.0, (y - center.1) / radii.1);
        let near = u.hypot(v);
        let far = (u / radii.0).hypot(v / radii.1);
        if far < 1e-6 {
            -radii.0
        } else {
            near * (near - 1.0) / far
        }
    }

    /// Distances to left ventricle, right ventricle, left and right atrium.
    fn chambers(&self, x: f32, y: f32) -> [f32; 4] {
        let pump = 1.0 - 0.24 * self.squeeze;
        let fill = 1.0 + 0.12 * self.squeeze;
        let shift = -12.0 * self.squeeze;
        [
            Self::oval(
                x,
                y,
                (40.0, 158.0 + shift),
                (44.0 * pump, 100.0 * (1.0 - 0.12 * self.squeeze)),
            ),
            Self::oval(
                x + 0.18 * (y - 170.0),
                y,
                (-50.0, 176.0 + shift),
                (31.0 * pump, 78.0 * (1.0 - 0.1 * self.squeeze)),
            ),
            Self::oval(x, y, (44.0, 312.0 + shift * 0.5), (46.0 * fill, 48.0 * fill)),
            Self::oval(x, y, (-56.0, 308.0 + shift * 0.5), (43.0 * fill, 46.0 * fill)),
        ]
    }

    /// How strongly the tissue at a place reflects, 0 to 1.
    fn echo(&self, seed: u64, x: f32, y: f32) -> f32 {
        let rough = 5.0 * (noise::fractal(seed + 61, x / 16.0, y / 16.0, 0.0, 2) - 0.5);
        let chambers = self.chambers(x, y).map(|distance| distance + rough * 0.5);
        let nearest = chambers.into_iter().fold(f32::MAX, f32::min);
        let ventricle = chambers[0].min(chambers[1]);
        // Walls thicken as they contract; atria have thin ones.
        let wall = blend(
            9.0,
            17.0 + 6.0 * self.squeeze,
            step(12.0, -12.0, ventricle - 12.0),
        );
        let surroundings = 0.02 + 0.09 * noise::fractal(seed + 67, x / 30.0, y / 12.0, 0.0, 2);
        let muscle = 0.20 + 0.10 * noise::value(seed + 71, x / 10.0, y / 10.0, 0.0);
        let mut echo = blend(surroundings, muscle, step(wall + 3.0, wall - 1.0, nearest));
        // The pericardium.
        echo = echo.max(0.75 * step(3.4, 0.6, (nearest - wall - 2.0).abs()));
        echo = blend(echo, 0.0045, step(1.2, -1.2, nearest));
        // The inner surface gives a thin bright line.
        echo = echo.max(0.34 * step(2.2, 0.4, (nearest - 0.8).abs()));
        for (hinge, length) in [
            ((8.0, 262.0), 38.0),
            ((82.0, 262.0), -34.0),
            ((-88.0, 262.0), 30.0),
            ((-20.0, 264.0), -28.0),
        ] {
            echo = echo.max(0.85 * step(3.0, 0.8, self.leaflet(x, y, hinge, length)));
        }
        // Close to the probe everything is bright.
        echo.max(0.5 * step(46.0, 18.0, x.hypot(y)))
    }

    /// Distance to a valve leaflet that swings from across the ring into the ventricle.
    fn leaflet(&self, x: f32, y: f32, hinge: (f32, f32), length: f32) -> f32 {
        let base = (hinge.0, hinge.1 - 12.0 * self.squeeze);
        let swing = self.open * 1.15;
        let tip = (
            base.0 + length * swing.cos(),
            base.1 - length.abs() * swing.sin() - 3.0,
        );
        let (along, offset) = ((tip.0 - base.0, tip.1 - base.1), (x - base.0, y - base.1));
        let part = ((along.0 * offset.0 + along.1 * offset.1) / (along.0 * along.0 + along.1 * along.1))
            .clamp(0.0, 1.0);
        (offset.0 - along.0 * part).hypot(offset.1 - along.1 * part)
    }

    /// Velocity towards the probe in −1 to 1, where the colour box covers flowing blood.
    fn flow(&self, seed: u64, index: u64, x: f32, y: f32) -> Option<f32> {
        if !(-8.0..96.0).contains(&x) || !(110.0..330.0).contains(&y) {
            return None;
        }
        let chambers = self.chambers(x, y);
        if chambers[0].min(chambers[2]) > -3.0 && (y - 262.0).abs() > 16.0 {
            return None;
        }
        let jet = (-((x - 44.0) / (12.0 + 0.09 * (262.0 - y).abs())).powi(2)).exp()
            * step(330.0, 280.0, y)
            * step(105.0, 185.0, y);
        let outflow = (-((x - 14.0) / 15.0).powi(2)).exp() * step(262.0, 225.0, y);
        let speed = self.inflow * jet - 0.75 * self.squeeze * (1.0 - self.open) * outflow;
        let flicker = 0.35 * (noise::value(seed + 81 + index, x / 4.0, y / 4.0, 0.0) - 0.5);
        let speed = speed * (1.0 + flicker);
        (speed.abs() > 0.16).then_some(speed.clamp(-1.0, 1.0))
    }
}

/// Red towards the probe, blue away, brighter when faster.
fn doppler(flow: f32, gray: u8) -> [u8; 3] {
    let strong = 90.0 + 165.0 * flow.abs();
    let pale = (150.0 * (flow.abs() - 0.45).max(0.0) * 1.6).min(200.0);
    let under = f32::from(gray) * 0.15;
    let [main, middle, rest] = [strong, pale, pale * 0.2].map(|level| (level + under).min(255.0) as u8);
    if flow > 0.0 {
        [main, middle, rest]
    } else {
        [rest, middle, main]
    }
}

/// What the machine writes around the picture.
fn dress(pixels: &mut [u8], phase: f32) {
    let width = SIZE.0;
    let mut dot = |at: usize, color: [u8; 3]| pixels[at * 3..at * 3 + 3].copy_from_slice(&color);
    font::write(width, "PHANTOM HEART", (10, 10), 2, |at| dot(at, [210, 210, 210]));
    font::write(width, "A4C 2.5 MHZ", (10, 30), 1, |at| dot(at, [150, 170, 190]));
    font::write(width, "15 CM", (594, 456), 1, |at| dot(at, [150, 170, 190]));
    // Depth scale, grey bar, colour bar.
    for mark in 0..=15 {
        let row = APEX.1 as usize + mark * (REACH as usize) / 15;
        let long = if mark % 5 == 0 { 9 } else { 4 };
        (0..long).for_each(|x| dot(row * width + 624 + x, [200, 200, 200]));
    }
    for row in 0..120 {
        let shade = (255 - row * 2) as u8;
        (0..8).for_each(|x| dot((60 + row) * width + 600 + x, [shade; 3]));
        let flow = 1.0 - row as f32 / 60.0;
        (0..8).for_each(|x| dot((200 + row) * width + 600 + x, doppler(flow, 0)));
    }
    // The ECG runs along the foot; a mark shows the moment of this frame.
    let trace = |t: f32| {
        let peak = |at: f32, wide: f32, high: f32| high * (-((t - at) / wide).powi(2)).exp();
        peak(0.90, 0.025, 4.0) + peak(0.012, 0.009, 24.0) - peak(0.034, 0.010, 7.0) - peak(0.985, 0.010, 4.0)
            + peak(0.30, 0.045, 7.0)
    };
    let mut last = 452_usize;
    for column in 0..400 {
        let beat = (column as f32 / 200.0).fract();
        let row = (452.0 - trace(beat)) as usize;
        for y in row.min(last)..=row.max(last) {
            dot(y * width + 20 + column, [60, 220, 90]);
        }
        last = row;
    }
    let now = 20 + 200 + (phase * 200.0) as usize;
    (424..462).for_each(|y| dot(y * width + now, [240, 200, 60]));
}
