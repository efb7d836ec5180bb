/** Photos of an incident. `[Chinese, English]`, by DOMAIN section 4. */
export const photos = {
  "photo.title": ["现场照片", "Photos"],
  "photo.open": ["查看照片：{told}", "Look at the photo: {told}"],
  "photo.loading": ["正在加载…", "Loading…"],
  "photo.gone": ["照片已不再保存", "No longer kept"],
  "photo.close": ["关闭", "Close"],
  "photo.digest": ["校验值 {digest}…", "Digest {digest}…"],
} as const;
