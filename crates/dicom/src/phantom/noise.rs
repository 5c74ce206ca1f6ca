//! Randomness that depends on the seed and the place alone, never on the order of calls.

/// SplitMix64's finaliser: neighbouring inputs give unrelated outputs.
pub(super) fn hash(seed: u64, value: u64) -> u64 {
    let mut mixed = seed ^ value.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A stream of random numbers.
pub(super) struct Random {
    seed: u64,
    drawn: u64,
}

impl Random {
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        Self {
            seed: hash(seed, stream),
            drawn: 0,
        }
    }

    fn next(&mut self) -> u64 {
        self.drawn += 1;
        hash(self.seed, self.drawn)
    }

    /// Uniform in 0 to 1.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    /// Uniform between two bounds.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Near enough to a normal distribution of variance 1: the sum of eight bytes.
    pub(super) fn normal(&mut self) -> f32 {
        let sum: u32 = self
            .next()
            .to_le_bytes()
            .iter()
            .map(|&byte| u32::from(byte))
            .sum();
        // Mean 8 × 127.5, standard deviation √8 × 73.9.
        (sum as f32 - 1020.0) / 209.0
    }
}

fn lattice(seed: u64, x: i32, y: i32, z: i32) -> f32 {
    let key = (x as u32 as u64) ^ ((y as u32 as u64) << 21) ^ ((z as u32 as u64) << 42);
    (hash(seed, key) >> 40) as f32 / (1 << 24) as f32
}

/// Smooth noise in 0 to 1 with features about one unit wide.
pub(super) fn value(seed: u64, x: f32, y: f32, z: f32) -> f32 {
    let (x0, y0, z0) = (x.floor(), y.floor(), z.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v, w) = (ease(x - x0), ease(y - y0), ease(z - z0));
    let (xi, yi, zi) = (x0 as i32, y0 as i32, z0 as i32);
    let along_x = |dy: i32, dz: i32| {
        let a = lattice(seed, xi, yi + dy, zi + dz);
        let b = lattice(seed, xi + 1, yi + dy, zi + dz);
        a + (b - a) * u
    };
    let along_y = |dz: i32| {
        let (a, b) = (along_x(0, dz), along_x(1, dz));
        a + (b - a) * v
    };
    let (a, b) = (along_y(0), along_y(1));
    a + (b - a) * w
}

/// Several octaves of [`value`], still in 0 to 1.
pub(super) fn fractal(seed: u64, x: f32, y: f32, z: f32, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut scale, mut total) = (0.0, 1.0, 1.0, 0.0);
    for octave in 0..octaves {
        sum += weight * value(seed.wrapping_add(octave.into()), x * scale, y * scale, z * scale);
        total += weight;
        weight *= 0.5;
        scale *= 2.03;
    }
    sum / total
}

/// A field of normal noise, slightly blurred as a reconstruction kernel does, of the given standard deviation.
pub(super) fn grain(seed: u64, stream: u64, width: usize, height: usize, deviation: f32) -> Vec<f32> {
    let mut random = Random::new(seed, stream);
    let raw: Vec<f32> = (0..width * height).map(|_| random.normal()).collect();
    let mut field = vec![0.0; raw.len()];
    // The kernel 1-2-1 both ways, normalised to keep the variance: √(6² / 16²) of it would remain.
    let gain = deviation / 0.375;
    for y in 0..height {
        let above = y.saturating_sub(1) * width;
        let below = (y + 1).min(height - 1) * width;
        let here = y * width;
        for x in 0..width {
            let left = x.saturating_sub(1);
            let right = (x + 1).min(width - 1);
            let column = |x: usize| raw[above + x] + 2.0 * raw[here + x] + raw[below + x];
            field[here + x] = (column(left) + 2.0 * column(x) + column(right)) / 16.0 * gain;
        }
    }
    field
}
