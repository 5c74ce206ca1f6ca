use super::*;

const WIDTH: usize = 20;
const HEIGHT: usize = 13;

/// Writes bits, stuffing zeros after bytes of ones.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Writer {
    fn bits(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.held = self.held << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.held as u8);
                if self.held == 0xFF {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    fn align(&mut self) {
        while self.count != 0 {
            self.bits(1, 1);
        }
    }

    /// Size category and magnitude of a coefficient.
    fn size(value: i32) -> (u32, u32) {
        let size = 32 - value.unsigned_abs().leading_zeros();
        let magnitude = if value < 0 { value + (1 << size) - 1 } else { value };
        (size, magnitude as u32)
    }
}

/// Codes an image with every quantiser at 1 and codes of one length: symbol n is code n.
fn encode(samples: &[u16], restart_interval: u16) -> Vec<u8> {
    let mut stream = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    stream.extend([1; 64]);
    stream.extend([
        0xFF,
        0xC1,
        0,
        11,
        12,
        0,
        HEIGHT as u8,
        0,
        WIDTH as u8,
        1,
        1,
        0x11,
        0,
    ]);
    stream.extend([
        0xFF,
        0xC4,
        0,
        19 + 16,
        0x00,
        0,
        0,
        0,
        0,
        16,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    stream.extend(0..16);
    stream.extend([
        0xFF, 0xC4, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 250, 0, 0, 0, 0, 0, 0, 0,
    ]);
    let length = (19_u16 + 250).to_be_bytes();
    let at = stream.len() - 19;
    stream[at..at + 2].copy_from_slice(&length);
    stream.extend(0..250);
    stream.extend([0xFF, 0xDD, 0, 4]);
    stream.extend(restart_interval.to_be_bytes());
    stream.extend([0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 63, 0]);
    let cosines = cosines();
    let mut out = Writer::default();
    let (mut predicted, mut restarts) = (0, 0);
    for block in 0..WIDTH.div_ceil(8) * HEIGHT.div_ceil(8) {
        if restart_interval > 0 && block > 0 && block % usize::from(restart_interval) == 0 {
            out.align();
            out.bytes.extend([0xFF, 0xD0 + restarts % 8]);
            restarts += 1;
            predicted = 0;
        }
        let (left, top) = (block % WIDTH.div_ceil(8) * 8, block / WIDTH.div_ceil(8) * 8);
        let level = |x: usize, y: usize| {
            let (x, y) = ((left + x).min(WIDTH - 1), (top + y).min(HEIGHT - 1));
            f32::from(samples[y * WIDTH + x]) - LEVEL_SHIFT
        };
        let coefficient = |position: usize| {
            let (u, v) = (position % 8, position / 8);
            let terms = (0..64).map(|at| level(at % 8, at / 8) * cosines[at % 8][u] * cosines[at / 8][v]);
            terms.sum::<f32>().round() as i32
        };
        let (size, magnitude) = Writer::size(coefficient(0) - predicted);
        predicted = coefficient(0);
        out.bits(size, 5);
        out.bits(magnitude, size);
        let mut run = 0;
        for &position in &ZIGZAG[1..] {
            let value = coefficient(position);
            if value == 0 {
                run += 1;
                continue;
            }
            while run > 15 {
                out.bits(0xF0, 9);
                run -= 16;
            }
            let (size, magnitude) = Writer::size(value);
            out.bits(run << 4 | size, 9);
            out.bits(magnitude, size);
            run = 0;
        }
        if run > 0 {
            out.bits(0, 9);
        }
    }
    out.align();
    stream.extend(out.bytes);
    stream.extend([0xFF, 0xD9]);
    stream
}

fn image() -> Vec<u16> {
    (0..WIDTH * HEIGHT)
        .map(|at| (at * at * 37 % 4096) as u16 / 3 + (at % WIDTH * 130) as u16)
        .collect()
}

#[test]
fn an_image_comes_back_within_rounding() {
    for restart_interval in [0, 1, 4] {
        let image = image();
        let decoded = decode(&encode(&image, restart_interval), WIDTH, HEIGHT).unwrap();
        let worst = decoded.iter().zip(&image).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(
            worst <= Some(2),
            "{worst:?} with restarts every {restart_interval}"
        );
    }
}

#[test]
fn a_cut_off_stream_is_an_error() {
    let whole = encode(&image(), 0);
    for length in 2..whole.len() - 4 {
        assert!(decode(&whole[..length], WIDTH, HEIGHT).is_err(), "{length} bytes");
    }
}

#[test]
fn damaged_streams_end_in_a_result() {
    let whole = encode(&image(), 4);
    for at in 2..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            if let Ok(samples) = decode(&damaged, WIDTH, HEIGHT) {
                assert_eq!(samples.len(), WIDTH * HEIGHT);
            }
        }
    }
}
