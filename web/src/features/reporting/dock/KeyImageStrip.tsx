import { Stack, Text } from '@mantine/core';
import { IconPhoto } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { KeyImageMark } from '@/features/viewer';
import { AuthorisedImage } from '@/ui/AuthorisedImage';
import classes from './dock.module.css';

interface KeyImageStripProps {
  keyImages: readonly KeyImageMark[];
  thumbnailUrl: (keyImage: KeyImageMark) => string;
  onShow: (keyImage: KeyImageMark) => void;
}

/** The images the report rests on; a click shows the image itself. */
export function KeyImageStrip({ keyImages, thumbnailUrl, onShow }: KeyImageStripProps) {
  const { t } = useTranslation();
  if (keyImages.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="xs" fw={600} c="dark.1">{t('reporting.keyImages', { count: keyImages.length })}</Text>
      <div className={classes.keyImages}>
        {keyImages.map((keyImage, index) => (
          <button
            key={keyImage.id} type="button" className={classes.keyImage} aria-label={t('reporting.showKeyImage', { number: index + 1 })}
            onClick={() => onShow(keyImage)}
          >
            <AuthorisedImage src={thumbnailUrl(keyImage)} alt="" width={64} height={64} fallback={<IconPhoto size={20} stroke={1.2} color="#3a4656" aria-hidden />} />
          </button>
        ))}
      </div>
    </Stack>
  );
}
