/** Text of a DICOM data set in its declared character sets (PS3.3 §C.12.1.1.2), for showing only. */

const LABELS: Record<string, string> = {
  '': 'windows-1252',
  'ISO_IR 6': 'windows-1252',
  'ISO_IR 100': 'iso-8859-1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'iso-8859-9',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

const ESCAPE = 0x1b;

/** The encoding to decode with. Code extensions (ISO 2022) name several sets; the one with escapes decides. */
function labelOf(characterSets: readonly string[]): string {
  if (characterSets.some((name) => /^ISO 2022 IR (13|87|159)$/.test(name))) return 'iso-2022-jp';
  if (characterSets.includes('ISO 2022 IR 149')) return 'euc-kr';
  if (characterSets.includes('ISO 2022 IR 58')) return 'gbk';
  const first = (characterSets[0] ?? '').replace('ISO 2022 IR', 'ISO_IR');
  return LABELS[first] ?? 'windows-1252';
}

/** Takes out `ESC $ ) C` and its like, which the browser's EUC-KR and GBK decoders do not know. */
function withoutDesignations(bytes: Uint8Array): Uint8Array {
  const kept: number[] = [];
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] === ESCAPE) i += bytes[i + 1] === 0x24 ? 3 : 2;
    else kept.push(bytes[i] ?? 0);
  }
  return Uint8Array.from(kept);
}

export function decodeText(bytes: Uint8Array, characterSets: readonly string[]): string {
  const label = labelOf(characterSets);
  const readable = label === 'iso-2022-jp' || !bytes.includes(ESCAPE) ? bytes : withoutDesignations(bytes);
  // Padding is a space, or NUL from writers that took text for UIDs.
  return new TextDecoder(label).decode(readable).replaceAll('\0', '').trim();
}
