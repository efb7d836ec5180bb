/** The duty screen. `[Chinese, English]`, by DOMAIN section 4. */
export const station = {
  "station.crew": ["在岗人数", "crew on duty"],
} as const;
