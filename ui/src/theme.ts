import { theme as antd, type ThemeConfig } from 'antd';

/**
 * The only place where a colour, size, weight or duration is written. From it are made the Ant Design
 * theme and the CSS variables of the hand-drawn parts (rail, path, timeline, table, kanban, charts).
 * Values and names: tokens.md of the design.
 */

const lightColors = {
  canvas: '#F6F8F9', surface: '#FFFFFF', raised: '#FFFFFF', sunken: '#EEF1F3',
  hover: '#F2F5F6', selected: '#E6F2F5', rail: '#F1F4F5',
  text1: '#17212A', text2: '#4B5863', text3: '#5D6974', textOff: '#A3ADB5',
  line: '#E3E8EB', line2: '#CDD5DA', line3: '#8A96A0',
  accent: '#0B6E84', accentHover: '#095D70', accentActive: '#074D5D', accentText: '#0B6E84',
  accentSoft: '#E6F2F5', onAccent: '#FFFFFF',
  ok: '#17734A', okDot: '#2A9D67', okSoft: '#E5F4EC',
  warn: '#8F5600', warnDot: '#C67C00', warnSoft: '#FFF3DC',
  bad: '#B8322A', badDot: '#D9453B', badSoft: '#FDEBE9',
  info: '#2C5FB8', infoDot: '#4A7FD6', infoSoft: '#E8F0FC',
  idle: '#4B5863', idleDot: '#8A96A0', idleSoft: '#EEF1F3',
  c1: '#0B6E84', c2: '#CD8134', c3: '#7690E5', c4: '#8D5E00', c5: '#6E045F',
  c6: '#074500', c7: '#3E7CC5', c8: '#6B5145', c9: '#5E218F', c10: '#888D92',
  badge: '#C93A31', onBadge: '#FFFFFF',
  shadowPop: '0 4px 16px rgba(16, 28, 36, .12), 0 0 0 1px rgba(16, 28, 36, .06)',
  shadowBar: '0 2px 8px rgba(16, 28, 36, .10)',
};

export type Colors = typeof lightColors;

const darkColors: Colors = {
  canvas: '#101518', surface: '#161C20', raised: '#1F272C', sunken: '#0C1013',
  hover: '#1C2429', selected: '#12323A', rail: '#12181B',
  text1: '#E7ECEF', text2: '#A9B5BD', text3: '#929FA8', textOff: '#56626B',
  line: '#273036', line2: '#3B474F', line3: '#6A7780',
  accent: '#3BAFC6', accentHover: '#5CC3D7', accentActive: '#2E9AB0', accentText: '#4FBCD2',
  accentSoft: '#12323A', onAccent: '#06181D',
  ok: '#5CC795', okDot: '#3FAE78', okSoft: '#163528',
  warn: '#E5AE4E', warnDot: '#D9982B', warnSoft: '#3A2C10',
  bad: '#F28B82', badDot: '#E5645A', badSoft: '#3F1F1D',
  info: '#8DB4F5', infoDot: '#5E92E6', infoSoft: '#1B2C48',
  idle: '#A9B5BD', idleDot: '#75828B', idleSoft: '#262F35',
  c1: '#3BAFC6', c2: '#BE7B1E', c3: '#4066B3', c4: '#F0BB4B', c5: '#C42C65',
  c6: '#79E6C1', c7: '#4785CF', c8: '#D59871', c9: '#D3B4F9', c10: '#878D91',
  badge: '#C93A31', onBadge: '#FFFFFF',
  shadowPop: '0 6px 20px rgba(0, 0, 0, .45), 0 0 0 1px #303B42',
  shadowBar: '0 2px 10px rgba(0, 0, 0, .40), 0 0 0 1px #303B42',
};

export const font =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Hiragino Sans GB", ' +
  '"Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';

export const motion = { fast: '0.12s', base: '0.16s', slow: '0.18s' };

/** Row heights in px by the reader's density; everything else stays the same. */
export const rowHeight = { compact: 36, comfortable: 44, worked: 44, phone: 60 };

export function colorsOf(dark: boolean): Colors {
  return dark ? darkColors : lightColors;
}

/** textOff → --text-off, c1 → --c1, text1 → --text-1. */
function variableName(key: string): string {
  if (/^c\d+$/.test(key)) return `--${key}`;
  return `--${key.replace(/([A-Z])/g, '-$1').replace(/(\d+)$/, '-$1').toLowerCase()}`;
}

/** Writes the CSS variables of a theme onto the document. */
export function applyTheme(dark: boolean, density: 'compact' | 'comfortable'): void {
  const root = document.documentElement;
  root.dataset.theme = dark ? 'dark' : 'light';
  root.style.colorScheme = dark ? 'dark' : 'light';
  for (const [key, value] of Object.entries(colorsOf(dark))) {
    root.style.setProperty(variableName(key), value);
  }
  root.style.setProperty('--font', font);
  root.style.setProperty('--row', `${rowHeight[density]}px`);
  root.style.setProperty('--fast', `${motion.fast} cubic-bezier(.2,0,0,1)`);
}

function colorTokens(c: Colors) {
  return {
    colorPrimary: c.accent, colorPrimaryHover: c.accentHover, colorPrimaryActive: c.accentActive, colorPrimaryBg: c.accentSoft,
    colorPrimaryText: c.accentText, colorLink: c.accentText, colorLinkHover: c.accentHover,
    colorSuccess: c.okDot, colorSuccessText: c.ok, colorSuccessBg: c.okSoft, colorSuccessBorder: c.okSoft,
    colorWarning: c.warnDot, colorWarningText: c.warn, colorWarningBg: c.warnSoft, colorWarningBorder: c.warnSoft,
    colorError: c.badDot, colorErrorText: c.bad, colorErrorBg: c.badSoft, colorErrorBorder: c.badSoft,
    colorInfo: c.infoDot, colorInfoText: c.info, colorInfoBg: c.infoSoft, colorInfoBorder: c.infoSoft,
    colorText: c.text1, colorTextSecondary: c.text2, colorTextTertiary: c.text3, colorTextQuaternary: c.textOff,
    colorBgLayout: c.canvas, colorBgContainer: c.surface, colorBgElevated: c.raised,
    colorBorder: c.line3, colorBorderSecondary: c.line,
  };
}

export function antdTheme(dark: boolean, reducedMotion: boolean): ThemeConfig {
  const c = colorsOf(dark);
  const colors = colorTokens(c);
  return {
    cssVar: { key: 'gt' },
    hashed: false,
    // The dark algorithm dims the colours it is given; the last step puts ours back as they were chosen.
    algorithm: [dark ? antd.darkAlgorithm : antd.defaultAlgorithm, (_, map) => ({ ...map!, ...colors })],
    token: {
      motion: !reducedMotion,
      fontFamily: font, fontSize: 14, fontSizeSM: 12, fontSizeLG: 16, fontWeightStrong: 600,
      ...colors,
      colorTextDescription: c.text3, colorTextPlaceholder: c.text3, colorTextLightSolid: c.onAccent, colorSplit: c.line,
      controlItemBgHover: c.hover, controlItemBgActive: c.selected, controlItemBgActiveHover: c.selected,
      controlHeight: 32, controlHeightSM: 28, controlHeightLG: 44, controlOutline: c.accentSoft, controlOutlineWidth: 2,
      borderRadius: 6, borderRadiusSM: 4, borderRadiusLG: 8,
      boxShadow: c.shadowPop, boxShadowSecondary: c.shadowPop,
      motionDurationFast: motion.fast, motionDurationMid: motion.base, motionDurationSlow: motion.slow,
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', primaryColor: c.onAccent, defaultBorderColor: c.line2, paddingInline: 12, contentFontSizeSM: 13 },
      Table: { headerBg: c.surface, headerColor: c.text3, headerSplitColor: 'transparent', headerBorderRadius: 0, rowHoverBg: c.hover,
               rowSelectedBg: c.selected, rowSelectedHoverBg: c.selected, borderColor: c.line, cellPaddingBlockSM: 7, cellPaddingInlineSM: 8, cellFontSizeSM: 13 },
      Menu: { itemHeight: 32, itemBorderRadius: 6, itemMarginInline: 0, itemBg: 'transparent', itemSelectedBg: c.selected, itemSelectedColor: c.accentText, itemColor: c.text2 },
      Tabs: { horizontalItemPadding: '7px 0', horizontalItemGutter: 20, itemColor: c.text2, itemSelectedColor: c.accentText, inkBarColor: c.accent },
      Segmented: { itemSelectedBg: c.selected, itemSelectedColor: c.accentText, trackBg: c.surface, trackPadding: 0 },
      Layout: { siderBg: c.rail, headerBg: c.surface, headerHeight: 48, headerPadding: '0 16px', bodyBg: c.surface },
      Tag: { defaultBg: c.idleSoft, defaultColor: c.text2 },
      Form: { labelColor: c.text2, labelFontSize: 12, verticalLabelPadding: '0 0 2px', itemMarginBottom: 12 },
      Tooltip: { colorBgSpotlight: c.raised, colorTextLightSolid: c.text1 },
      Progress: { defaultColor: c.accent, remainingColor: c.line },
      Badge: { colorError: c.badge, colorTextLightSolid: c.onBadge },
      Modal: { titleFontSize: 16 },
      Drawer: { paddingLG: 20 },
      Descriptions: { labelColor: c.text3 },
    },
  };
}
