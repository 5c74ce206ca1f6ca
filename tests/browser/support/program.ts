/**
 * The program under test: the demo on a data folder of its own, on a port that was free.
 *
 * **Invariant:** ends only the process it started, and leaves nothing behind but its log among the artifacts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { artifacts } from './artifacts';

export type Role = 'FACILITY_STAFF' | 'RADIOLOGIST' | 'TENANT_ADMIN' | 'OPERATOR';

export interface Account {
  role: Role;
  email: string;
  password: string;
  name: string;
}

/** What `demo.json` says, as far as it is needed here. */
interface DemoFile {
  base_url: string;
  accounts: Account[];
  mail_dir: string;
}

const root = path.resolve(__dirname, '../../..');
const PATIENCE_MS = 120_000;
const DRAIN_MS = 20_000;

export class Program {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly demo: DemoFile,
  ) {}

  /** Starts it and waits until it says that it is ready. */
  static async start(): Promise<Program> {
    const folder = mkdtempSync(path.join(tmpdir(), 'telerad-browser-'));
    const data = path.join(folder, 'data');
    mkdirSync(artifacts, { recursive: true });
    const log = createWriteStream(path.join(artifacts, 'telerad.log'));
    const child = spawn(binary(), ['demo'], {
      // No telerad.toml lies here, and no variable of the caller's changes what is tested.
      cwd: folder,
      env: { ...withoutOurs(process.env), TELERAD_DATA_DIR: data, TELERAD_LISTEN: '127.0.0.1:0', TELERAD_DIMSE_LISTEN: '127.0.0.1:0' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.pipe(log);
    try {
      await once(child, 'spawn');
      await untilReady(child, path.join(data, 'address'));
      const demo = JSON.parse(readFileSync(path.join(data, 'demo.json'), 'utf8')) as DemoFile;
      return new Program(child, folder, demo);
    } catch (cause) {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw cause;
    }
  }

  get url(): string {
    return this.demo.base_url;
  }

  get mailFolder(): string {
    return this.demo.mail_dir;
  }

  /** Somebody of this role; the demo has two radiologists. */
  account(role: Role, number = 0): Account {
    const account = this.demo.accounts.filter((one) => one.role === role)[number];
    if (account === undefined) throw new Error(`the demo has no account ${number} of role ${role}`);
    return account;
  }

  /** Asks it to stop as an operator does; a program that does not drain is a failure too. */
  async stop(): Promise<void> {
    try {
      if (this.process.exitCode !== null) throw new Error(`the program had ended by itself: ${this.process.exitCode}`);
      const ended = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      const drained = await Promise.race([ended.then(() => true), pause(DRAIN_MS, false, { ref: false })]);
      if (!drained) {
        this.process.kill('SIGKILL');
        await ended;
        throw new Error('the program did not stop when it was asked to');
      }
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

function binary(): string {
  const named = process.env.TELERAD_BIN ?? path.join(root, 'target/debug/telerad');
  if (!existsSync(named)) throw new Error(`${named} is not built`);
  return named;
}

function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('TELERAD_')));
}

async function untilReady(child: ChildProcess, address: string): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}; its log is in ${artifacts}`);
    if (existsSync(address)) {
      const url = readFileSync(address, 'utf8').trim();
      // oxlint-disable-next-line no-restricted-globals -- the rule is about the portal, which has one place for it
      const ready = await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
    }
    await pause(50);
  }
  throw new Error('the program was not ready in time');
}
