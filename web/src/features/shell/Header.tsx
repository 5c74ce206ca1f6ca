/** The 48 pixels at the top: where one is, where one can go, whether it is live, and who one is. */
import { Box, Burger, Group, Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconAlertTriangle, IconCircleFilled, IconLanguage, IconLogout, IconRefresh, IconUpload, IconUserCircle, IconWifiOff } from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { session } from '@/api/session';
import { useLiveState, useSession } from '@/api/useLive';
import { type Language, languages } from '@/i18n';
import { stateColor } from '@/theme/theme';
import { useActivity } from '@/ui/activity';
import { notifyFailed } from '@/ui/notify';
import classes from './Header.module.css';
import { pagesOf } from './navigation';
import { useOnline } from './useOnline';

export function Header() {
  const { t } = useTranslation();
  const { role, tenant } = useSession();
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const pages = pagesOf(role);
  return (
    <header className={classes.header}>
      <Group gap="xs" wrap="nowrap" className={classes.brand}>
        <img src="/icon.svg" alt="" width={22} height={22} />
        <Text fw={600} truncate>{tenant?.name ?? 'telerad'}</Text>
      </Group>
      {narrow ? (
        <Menu position="bottom-start" width={220}>
          <Menu.Target>
            <Burger size="sm" aria-label={t('shell.menu')} />
          </Menu.Target>
          <Menu.Dropdown>
            {pages.map((page) => (
              <Menu.Item key={page.to} component={Link} to={page.to}>{t(page.label)}</Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : (
        <nav aria-label={t('shell.navigation')} className={classes.nav}>
          {pages.map((page) => (
            <Link key={page.to} to={page.to} className={classes.link} activeProps={{ 'data-active': true, 'aria-current': 'page' }}>
              {t(page.label)}
            </Link>
          ))}
        </nav>
      )}
      <Box flex={1} />
      <ActivitySign />
      <LiveSign />
      <AccountMenu />
    </header>
  );
}

/** An upload goes on while other pages are looked at; here is how far it is, and the way back to it. */
function ActivitySign() {
  const activity = useActivity();
  const { pathname } = useLocation();
  if (activity === null || pathname === activity.to) return null;
  const percent = Math.floor(activity.percent);
  return (
    <Link to={activity.to} className={classes.activity} data-troubled={activity.troubled || undefined}>
      {activity.troubled ? <IconAlertTriangle size={15} aria-hidden /> : <IconUpload size={15} aria-hidden />}
      {activity.label} {percent} %
    </Link>
  );
}

/** Sign and word, not only colour. */
function LiveSign() {
  const { t } = useTranslation();
  const live = useLiveState();
  // A connection that was cut looks alive until it times out.
  const state = useOnline() ? live : 'LOST';
  const icon = {
    LIVE: <IconCircleFilled size={9} color={stateColor.good} />,
    CONNECTING: <IconRefresh size={14} color={stateColor.calm} />,
    LOST: <IconWifiOff size={15} color={stateColor.soon} />,
  }[state];
  return (
    <Tooltip label={t(`shell.liveHint.${state}`)}>
      <Group gap={6} wrap="nowrap" role="status" tabIndex={0} className={classes.live}>
        {icon}
        <Text size="xs" c="dimmed">{t(`shell.live.${state}`)}</Text>
      </Group>
    </Tooltip>
  );
}

function AccountMenu() {
  const { t, i18n } = useTranslation();
  const { user, role } = useSession();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.account} aria-label={t('shell.account', { name: user.name })}>
          <IconUserCircle size={22} stroke={1.5} aria-hidden />
          <Text size="sm" visibleFrom="sm" truncate maw={180}>{user.name}</Text>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.email}
          <br />
          {t(`common.role.${role}`)}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t('shell.language')}</Menu.Label>
        {(Object.keys(languages) as Language[]).map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            leftSection={<IconLanguage size={16} />}
            aria-current={i18n.language === language}
            fw={i18n.language === language ? 600 : 400}
            onClick={() => void i18n.changeLanguage(language)}
          >
            {languages[language]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => session.signOut().catch(notifyFailed)}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
