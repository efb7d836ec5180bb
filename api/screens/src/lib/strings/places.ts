/** Places and the map. `[Chinese, English]`, by DOMAIN section 4. */
export const places = {
  // place
  "place.floor": ["{floor} 层", "Floor {floor}"],
  "place.basement": ["地下 {floor} 层", "Basement {floor}"],
  "place.point": ["地图标注点", "Point on the map"],
  "place.inside": ["{floor} {room}", "{floor}, {room}"],
  "place.no_floor": ["楼层不明", "Floor unknown"],
  "place.grid": ["所属网格", "Grid"],

  // map
  "map.label": ["辖区地图", "Map of the district"],
  "map.here": ["本站", "This station"],
  "map.fire": ["火警地点", "Place of the fire"],
  "map.incident": ["警情地点", "Place of the incident"],
  "map.water": ["水源", "Water"],
  "map.missing": ["地图数据未能加载", "The map could not be loaded"],
  "map.fit": ["全区", "Whole district"],
} as const;
