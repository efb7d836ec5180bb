/** The leader's page. `[Chinese, English]`, by DOMAIN section 4. */
export const leader = {
  // leader's page
  "leader.orders": ["我的指令", "My orders"],
  "leader.none": ["没有待办指令", "Nothing to do"],
  "leader.none_long": ["有警情时，这里会响铃并显示地点。", "In an incident this page rings and shows the place."],
  "leader.checklist": ["现场要做的事", "What to do on scene"],
  "leader.check.wake": ["叫醒疏散：逐户敲门，帮助行动不便的人", "Wake and evacuate: knock at every door, help those who cannot walk"],
  "leader.check.power": ["断电断气：关总闸、关燃气阀", "Cut power and gas: main switch, gas valve"],
  "leader.check.barriers": ["打开通道：升起道闸、挪开堵路车辆", "Open the way: barriers up, vehicles moved"],
  "leader.check.guide": ["引导消防车：路口接应，带到起火点", "Guide the engines: meet them at the junction, lead them in"],
  "leader.check.rectify.cut": ["到场核实，必要时切断该回路电源", "Check on site; cut the circuit if need be"],
  "leader.check.rectify.repair": ["通知维保单位检修，排除隐患", "Have the contractor repair it"],
  "leader.check.rectify.reset": ["复查数值恢复正常后办结", "Close once the values are normal again"],
  "leader.open": ["网格内警情", "Incidents in your grid"],
  "leader.open_none": ["网格内没有未办结的警情", "No open incidents in your grid"],
  "leader.history": ["记录", "History"],
} as const;
