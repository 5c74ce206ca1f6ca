/** The mails that lie in the outbox folder, as their readers would see them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from './people';

export interface Mail {
  to: string;
  subject: string;
  body: string;
}

/** The mail to this address, once it lies there. */
export async function mailTo(folder: string, address: string): Promise<Mail> {
  const found = () => mailsIn(folder).find((mail) => mail.to.includes(address));
  await expect.poll(found, { message: `a mail to ${address}` }).toBeDefined();
  const mail = found();
  if (mail === undefined) throw new Error(`the mail to ${address} has gone`);
  return mail;
}

function mailsIn(folder: string): Mail[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => parse(readFileSync(path.join(folder, name), 'utf8')));
}

/** As much of RFC 5322 and 2045 as the program's plain-text mails use. */
function parse(text: string): Mail {
  const [head = '', ...rest] = text.replaceAll('\r\n', '\n').split('\n\n');
  const header = (name: string) =>
    new RegExp(`^${name}: *(.*(?:\n[ \t].*)*)`, 'im').exec(head)?.[1]?.replaceAll(/\n[ \t]+/g, ' ') ?? '';
  const body = rest.join('\n\n');
  const encoding = header('Content-Transfer-Encoding').toLowerCase();
  return { to: header('To'), subject: header('Subject'), body: decoded(body, encoding) };
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const joined = body.replaceAll('=\n', '');
  return joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
