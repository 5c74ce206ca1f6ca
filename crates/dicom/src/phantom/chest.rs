//! Two radiographs of a chest that does not exist: attenuation summed along the beam, as a detector sees it.
//!
//! In the frontal view x runs to the patient's left (the image's right), in the lateral one to the patient's back;
//! y runs to the feet. Millimetres.

use super::font;
use super::noise::{self, Random};
use super::shapes::{chord, inside, step};

/// Width and height of the detector, in millimetres.
pub(super) const FIELD: (f32, f32) = (350.0, 427.0);

/// Attenuation per millimetre: soft tissue, and how much less air-filled lung has.
const SOFT: f32 = 0.019;
const LUNG: f32 = -0.0142;
const BONE: f32 = 0.026;

/// Attenuation over the detector.
struct Film {
    width: usize,
    height: usize,
    spacing: f32,
    density: Vec<f32>,
}

/// Renders the frontal (PA) view as 12-bit values, row by row.
pub(super) fn frontal(seed: u64, width: usize, height: usize) -> Vec<i32> {
    let mut film = Film::new(width, height);
    film.paint(|x, y| frontal_tissue(seed, x, y));
    spine(&mut film, 0.0, 17.0, 1.0);
    for side in [-1.0, 1.0] {
        for rib in 0..10 {
            let rib = rib as f32;
            posterior_rib(&mut film, side, rib);
            if (1.0..8.0).contains(&rib) {
                anterior_rib(&mut film, side, rib);
            }
        }
        film.stroke(2.0, BONE * 9.0, |t| {
            let curve = 10.0 * (t * std::f32::consts::PI * 1.6).sin();
            ((side * (16.0 + 132.0 * t), -148.0 - 20.0 * t + curve), 5.4)
        });
        scapula(&mut film, side);
        vessels(&mut film, seed, side);
    }
    film.develop(seed, 1, 0.55, 4.75, "L", 0.90)
}

/// Renders the left lateral view as 12-bit values, row by row.
pub(super) fn lateral(seed: u64, width: usize, height: usize) -> Vec<i32> {
    let mut film = Film::new(width, height);
    film.paint(|x, y| lateral_tissue(seed, x, y));
    // Vertebrae along the thoracic curve.
    for vertebra in 0..13 {
        let y = -165.0 + vertebra as f32 * 29.0;
        let size = 11.0 + vertebra as f32 * 0.45;
        let at = lateral_spine(y);
        film.stroke(1.4, BONE * 34.0, |t| {
            ((at + (t - 0.5) * size * 1.4, y), size * 0.92)
        });
        film.stroke(1.2, BONE * 14.0, |t| {
            ((at + 18.0 + 16.0 * t, y + 6.0 + 9.0 * t), 4.0)
        });
    }
    for rib in 0..11 {
        for (shift, weight) in [(0.0, 8.0), (5.0, 6.0)] {
            let rib = rib as f32;
            let top = -150.0 + rib * 25.0 + shift;
            film.stroke(1.6, BONE * weight, |t| {
                let x = lateral_spine(top) + 6.0 - 175.0 * t;
                (
                    (x.max(-96.0 + 10.0 * t), top + 105.0 * t * (0.45 + 0.055 * rib)),
                    4.6,
                )
            });
        }
    }
    film.stroke(1.5, BONE * 16.0, |t| {
        ((-102.0 - 10.0 * (t * 3.0).sin(), -105.0 + 165.0 * t), 5.0)
    });
    for (angle, length) in [(0.4, 70.0), (0.9, 80.0), (-0.3, 55.0), (2.3, 60.0), (2.9, 45.0)] {
        branch(
            &mut film,
            &mut Random::new(seed, 77),
            [8.0, -25.0],
            angle,
            4.2,
            length,
            4,
        );
    }
    film.develop(seed, 2, 0.75, 6.2, "L LAT", 0.85)
}

fn frontal_tissue(seed: u64, x: f32, y: f32) -> f32 {
    let wide = 158.0 + 30.0 * step(-60.0, -165.0, y) - 112.0 * step(-168.0, -198.0, y);
    let edge = 1.0 - (x / wide).powi(2);
    if edge <= 0.0 {
        return 0.0;
    }
    let depth = 215.0 + 20.0 * step(40.0, 170.0, y) - 70.0 * step(-120.0, -190.0, y);
    let mut density = SOFT * depth * edge.powf(0.42);
    // Fat and muscle make the soft tissue uneven.
    density *= 0.97 + 0.06 * noise::fractal(seed + 3, x / 40.0, y / 40.0, 0.0, 3);
    let mut air = 0.0;
    for side in [-1.0_f32, 1.0] {
        let across = x * side;
        let base = if side < 0.0 { 78.0 } else { 92.0 };
        let lung = chord(across, y, [68.0, -22.0], [59.0, 150.0, 92.0]).max(chord(
            across,
            y,
            [84.0, 60.0],
            [46.0, 90.0, 84.0],
        ));
        let dome = base + ((across - 62.0) / 60.0).powi(2) * 46.0;
        // In front of the dome lies the liver or the stomach; behind it the lung reaches deeper.
        let above = step(dome + 1.5, dome - 1.5, y);
        let recess = 0.20 * step(dome + 34.0, dome, y) * step(128.0, 118.0, across);
        air += lung * above.max(recess);
    }
    // Heart and great vessels push the lung aside.
    let heart = chord(x - 0.30 * (y - 50.0), y, [20.0, 50.0], [62.0, 56.0, 52.0]);
    let atrium = chord(x, y, [-22.0, 52.0], [28.0, 40.0, 40.0]);
    let knob = chord(x, y, [22.0, -66.0], [17.0, 19.0, 24.0]);
    let trunk = chord(x, y, [24.0, -30.0], [18.0, 24.0, 26.0]);
    let cava = chord(x, y, [-20.0, -60.0], [12.0, 80.0, 14.0]);
    let solid = heart.max(atrium).max(knob).max(trunk).max(cava);
    density += LUNG * (air - 1.35 * solid).max(0.0);
    let aorta = inside((x - 24.0 + 0.06 * y).abs() - 12.0, 1.5) * step(-60.0, -40.0, y) * step(90.0, 60.0, y);
    density += 0.10 * aorta;
    // Trachea, carina and main bronchi.
    let down = step(-58.0, -62.0, y);
    let tube = |at: f32, radius: f32| (radius * radius - (x - at).powi(2)).max(0.0).sqrt() * 2.0;
    density += LUNG * 1.3 * tube(1.5, 9.0) * down * step(-213.0, -190.0, y);
    let fork = (y + 60.0).clamp(0.0, 40.0);
    density += LUNG
        * (tube(1.5 - 0.75 * fork, 6.5) + tube(1.5 + 0.95 * fork, 5.8))
        * (1.0 - down)
        * step(-20.0, -30.0, y);
    // The stomach's bubble under the left dome, the liver on the right.
    density += LUNG * 0.8 * chord(x, y, [70.0, 122.0], [24.0, 13.0, 26.0]);
    density + 0.25 * inside(x + 20.0, 30.0) * step(95.0, 130.0, y)
}

fn lateral_spine(y: f32) -> f32 {
    92.0 - 26.0 * ((y + 30.0) / 190.0).powi(2)
}

fn lateral_tissue(seed: u64, x: f32, y: f32) -> f32 {
    let front = -112.0 - 14.0 * step(-120.0, 40.0, y) + 40.0 * step(-140.0, -210.0, y);
    let back = 138.0 - 20.0 * ((y + 40.0) / 200.0).powi(2) * 1.2;
    let middle = (front + back) / 2.0;
    let half = (back - front) / 2.0;
    let edge = 1.0 - ((x - middle) / half).powi(2);
    if edge <= 0.0 {
        return 0.0;
    }
    let mut density = SOFT * (275.0 + 30.0 * step(-100.0, -170.0, y)) * edge.powf(0.40);
    density *= 0.97 + 0.06 * noise::fractal(seed + 5, x / 40.0, y / 40.0, 0.0, 3);
    let lung =
        chord(x, y, [-6.0, -15.0], [92.0, 150.0, 150.0]).max(chord(x, y, [48.0, 60.0], [58.0, 100.0, 140.0]));
    let mut air = 0.0;
    for (base, part) in [(76.0, 0.5), (90.0, 0.5)] {
        let dome = base + ((x + 20.0) / 62.0).powi(2) * 26.0;
        air += lung * part * step(dome + 1.5, dome - 1.5, y);
    }
    let heart = chord(x, y + 0.25 * (x + 40.0), [-46.0, 46.0], [46.0, 50.0, 62.0]);
    let arch = chord(x, y, [6.0, -68.0], [34.0, 20.0, 15.0]);
    density += LUNG * 0.86 * (air - 1.3 * heart.max(arch)).max(0.0);
    let trachea = (81.0 - (x - 8.0 - 0.16 * (y + 120.0)).powi(2)).max(0.0).sqrt() * 2.0;
    density + LUNG * trachea * step(-38.0, -46.0, y) * step(-205.0, -185.0, y)
}

fn spine(film: &mut Film, center: f32, half: f32, weight: f32) {
    film.paint(move |x, y| {
        let profile = 1.0 - ((x - center) / half).powi(2);
        if profile <= 0.0 {
            return 0.0;
        }
        let body = 0.75 + 0.25 * ((y / 24.0 * std::f32::consts::TAU).cos() * 2.2).tanh();
        let process = 0.4 * inside((x - center).abs() - 3.0, 1.0) * (0.5 + 0.5 * (y / 12.0).sin());
        weight * BONE * (22.0 * profile.sqrt() * body + 8.0 * process)
    });
    for side in [-1.0, 1.0] {
        for level in 0..14 {
            let y = -170.0 + level as f32 * 24.0;
            film.stroke(1.2, BONE * 7.0, |t| {
                ((center + side * (12.0 + 16.0 * t), y - 3.0 * t), 4.0)
            });
        }
    }
}

fn posterior_rib(film: &mut Film, side: f32, rib: f32) {
    let start = -152.0 + rib * 24.5;
    let reach = 78.0 + 58.0 * (1.0 - (-(rib + 0.6) * 0.45).exp());
    let drop = 24.0 + 7.5 * rib;
    film.stroke(1.5, BONE * 9.5, move |t| {
        let x = 14.0 + (reach - 14.0) * (t * 1.45).sin() / 0.9927;
        let y = start - 9.0 * (t * std::f32::consts::PI).sin() * (1.0 - t) + drop * t.powf(1.9) * 1.5;
        ((side * x, y), 5.6 + 1.2 * t)
    });
}

fn anterior_rib(film: &mut Film, side: f32, rib: f32) {
    let reach = 78.0 + 58.0 * (1.0 - (-(rib + 0.6) * 0.45).exp());
    let start = -152.0 + rib * 24.5 + (24.0 + 7.5 * rib) * 1.5;
    film.stroke(1.5, BONE * 6.5, move |t| {
        let x = reach - (reach - 46.0) * t.powf(1.5);
        ((side * x, start + 62.0 * t.powf(0.8) - 14.0 * t * t), 6.4)
    });
}

fn scapula(film: &mut Film, side: f32) {
    film.paint(move |x, y| {
        let across = x * side;
        let blade = chord(across + 0.22 * (y + 70.0), y, [136.0, -75.0], [26.0, 66.0, 3.4]);
        let head = chord(across, y, [158.0, -136.0], [22.0, 22.0, 17.0]);
        BONE * (blade * 1.1 + head * 0.7)
    });
    film.stroke(1.3, BONE * 8.0, move |t| {
        ((side * (122.0 - 8.0 * t), -128.0 + 108.0 * t), 2.4)
    });
}

fn vessels(film: &mut Film, seed: u64, side: f32) {
    let mut random = Random::new(seed, if side < 0.0 { 41 } else { 42 });
    let hilum = [side * 30.0, if side < 0.0 { -20.0 } else { -30.0 }];
    for spread in [-1.25, -0.75, -0.3, 0.15, 0.6, 1.0, 1.35] {
        let angle = if side > 0.0 {
            spread
        } else {
            std::f32::consts::PI - spread
        };
        let length = random.between(30.0, 40.0);
        // Each begins a little away from the others, or they would add up to a dot.
        let start = [hilum[0] + 11.0 * angle.cos(), hilum[1] + 22.0 * angle.sin()];
        branch(film, &mut random, start, angle, 4.2, length, 5);
    }
    for _ in 0..5 {
        let (dx, dy) = (random.between(-8.0, 8.0), random.between(-16.0, 16.0));
        film.stroke(2.0, SOFT * 11.0, |t| {
            ((hilum[0] + dx + 4.0 * t * side, hilum[1] + dy + 6.0 * t), 6.5)
        });
    }
}

/// One vessel and the two it divides into.
fn branch(
    film: &mut Film,
    random: &mut Random,
    from: [f32; 2],
    angle: f32,
    radius: f32,
    length: f32,
    left: u32,
) {
    let bend = random.between(-0.25, 0.25);
    let point = |t: f32| {
        let turned = angle + bend * t;
        (
            from[0] + turned.cos() * length * t,
            from[1] + turned.sin() * length * t,
        )
    };
    film.stroke(1.0, SOFT * radius * 2.1, |t| {
        // Leave a gap to the parent, or the overlap shows as a dot.
        (point(0.07 + 0.93 * t), radius * (1.0 - 0.35 * t))
    });
    if left == 0 {
        return;
    }
    let end = point(1.0);
    for turn in [-1.0, 1.0] {
        let next = angle + bend + turn * random.between(0.22, 0.52);
        let shorter = length * random.between(0.55, 0.8);
        branch(
            film,
            random,
            [end.0, end.1],
            next,
            radius * 0.66,
            shorter,
            left - 1,
        );
    }
}

impl Film {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            spacing: FIELD.0 / width as f32,
            density: vec![0.0; width * height],
        }
    }

    /// Adds `density(x, y)` everywhere.
    fn paint(&mut self, density: impl Fn(f32, f32) -> f32) {
        for row in 0..self.height {
            let y = ((row as f32 + 0.5) - self.height as f32 / 2.0) * self.spacing;
            for column in 0..self.width {
                let x = ((column as f32 + 0.5) - self.width as f32 / 2.0) * self.spacing;
                self.density[row * self.width + column] += density(x, y);
            }
        }
    }

    /// Adds a tube along a path of points and radii for t from 0 to 1. `peak` is its density in the middle; a
    /// `rim` above 1 makes the edges stand out, as the cortex of a rib does.
    fn stroke(&mut self, rim: f32, peak: f32, path: impl Fn(f32) -> ((f32, f32), f32)) {
        const STEPS: usize = 260;
        let points: Vec<((f32, f32), f32)> =
            (0..=STEPS).map(|step| path(step as f32 / STEPS as f32)).collect();
        let column = |x: f32| x / self.spacing + self.width as f32 / 2.0;
        let row = |y: f32| y / self.spacing + self.height as f32 / 2.0;
        let bound = |values: &mut dyn Iterator<Item = f32>, limit: usize| {
            let (low, high) = values.fold((f32::MAX, f32::MIN), |(low, high), value| {
                (low.min(value), high.max(value))
            });
            let clip = |value: f32| value.clamp(0.0, limit as f32) as usize;
            (clip(low.floor()), clip(high.ceil() + 1.0))
        };
        let widest = points.iter().map(|point| point.1).fold(0.0, f32::max);
        let (left, right) = bound(
            &mut points
                .iter()
                .flat_map(|((x, _), _)| [column(x - widest), column(x + widest)]),
            self.width,
        );
        let (top, bottom) = bound(
            &mut points
                .iter()
                .flat_map(|((_, y), _)| [row(y - widest), row(y + widest)]),
            self.height,
        );
        let span = right.saturating_sub(left);
        // How far from the path each pixel is, as a part of the radius there.
        let mut nearest = vec![f32::MAX; span * bottom.saturating_sub(top)];
        for ((x, y), radius) in points {
            let (center_x, center_y, reach) = (column(x), row(y), radius / self.spacing);
            let rows = (center_y - reach).max(top as f32) as usize
                ..((center_y + reach + 1.0).max(0.0) as usize).min(bottom);
            for at_row in rows {
                let columns = (center_x - reach).max(left as f32) as usize
                    ..((center_x + reach + 1.0).max(0.0) as usize).min(right);
                for at_column in columns {
                    let (dx, dy) = (at_column as f32 + 0.5 - center_x, at_row as f32 + 0.5 - center_y);
                    let part = (dx * dx + dy * dy) / (reach * reach);
                    let cell = &mut nearest[(at_row - top) * span + at_column - left];
                    *cell = cell.min(part);
                }
            }
        }
        for (index, part) in nearest.into_iter().enumerate() {
            if part < 1.0 {
                let profile = (1.0 - part).sqrt() * (1.0 + (rim - 1.0) * part * part) * step(1.0, 0.9, part);
                self.density[(top + index / span) * self.width + left + index % span] += peak * profile;
            }
        }
    }

    /// Density to 12-bit values: brighter where more was absorbed, with the detector's noise and a lead marker.
    fn develop(self, seed: u64, stream: u64, low: f32, high: f32, marker: &str, gamma: f32) -> Vec<i32> {
        let grain = noise::grain(seed, 2000 + stream, self.width, self.height, 1.0);
        let mut values: Vec<i32> = self
            .density
            .iter()
            .zip(grain)
            .map(|(&density, grain)| {
                let level = ((density - low) / (high - low)).clamp(0.0, 1.0).powf(gamma);
                // Fewer quanta arrive behind dense tissue, so it is noisier.
                let noise = 9.0 + 16.0 * level;
                (220.0 + 3500.0 * level + noise * grain)
                    .round()
                    .clamp(0.0, 4095.0) as i32
            })
            .collect();
        let scale = (self.width / 260).max(1);
        // Lead letters. A detector of a few pixels has no room for them.
        let mut expose = |at: usize| {
            if let Some(value) = values.get_mut(at) {
                *value = 4000;
            }
        };
        let upper = (self.width * 74 / 100, self.height / 14);
        let lower = (self.width / 30, self.height * 96 / 100);
        font::write(self.width, marker, upper, scale * 2, &mut expose);
        font::write(self.width, "PHANTOM", lower, scale, &mut expose);
        values
    }
}
