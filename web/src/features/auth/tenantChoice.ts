import { ApiError } from '@/api/request';

export interface TenantChoice {
  slug: string;
  name: string;
}

/** The organisations to choose from, when that is why a sign-in was refused; else none. */
export function tenantsOf(cause: unknown): TenantChoice[] {
  if (!(cause instanceof ApiError) || cause.code !== 'TENANT_CHOICE_REQUIRED') return [];
  const tenants = cause.extensions.tenants;
  if (!Array.isArray(tenants)) return [];
  return tenants.filter(
    (tenant): tenant is TenantChoice => typeof tenant?.slug === 'string' && typeof tenant?.name === 'string',
  );
}
