/** Photos of an incident. `[Chinese, English]`, by DOMAIN section 4. */
export const photos = {
  "photo.title": ["现场照片", "Photos"],
  "photo.open": ["查看照片：{told}", "Look at the photo: {told}"],
  "photo.loading": ["正在加载…", "Loading…"],
  "photo.gone": ["照片已不再保存", "No longer kept"],
  "photo.close": ["关闭", "Close"],
  "photo.digest": ["校验值 {digest}…", "Digest {digest}…"],
  "photo.short": ["拍照", "Photo"],
  "photo.take": ["拍照上报", "Photo"],
  "photo.send_title": ["发送现场照片", "Send a photo"],
  "photo.preview": ["照片预览", "Preview of the photo"],
  "photo.choose": ["从相册选", "From the album"],
  "photo.send": ["发送", "Send"],
  "photo.wrong": ["这个文件不是可用的照片，请重拍或另选。", "This file is no usable photo. Take it again or choose another."],
  "photo.without_place": ["{kb} kB，已去掉照片里的位置信息", "{kb} kB; the place the camera wrote into it is left out"],
} as const;
