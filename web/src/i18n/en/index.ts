import { admin } from './admin';
import { auth } from './auth';
import { cases } from './cases';
import { common } from './common';
import { error } from './error';
import { shell } from './shell';
import { upload } from './upload';

export const en = { admin, auth, cases, common, error, shell, upload } as const;
