// What both storing flows know of the tables (tables.sql): a message's readings as rows, and rows as statements.

const TABLES = {
  readings_smoke: [
    'ts', 'device', 'seq', 'received_at',
    'smoke_db_m', 'temperature_c', 'chamber_pct', 'battery_v', 'battery_pct', 'rssi_dbm'
  ],
  readings_electrical: [
    'ts', 'device', 'seq', 'received_at', 'residual_ma',
    'cable_temperature_1_c', 'cable_temperature_2_c', 'cable_temperature_3_c', 'cable_temperature_4_c',
    'current_l1_a', 'current_l2_a', 'current_l3_a', 'voltage_l1_v', 'voltage_l2_v', 'voltage_l3_v',
    'power_w', 'arc_half_cycles', 'rssi_dbm'
  ]
}

const TYPES = { ts: 'timestamptz', device: 'text', seq: 'bigint', received_at: 'timestamptz' }

/** [table, values in the order of its columns] of each reading in a parsed payload: one reading, or a list in `readings`. */
function rows (payload) {
  const received = new Date().toISOString()
  return (payload.readings || [payload]).map(one => row(one, received))
}

function row (one, received) {
  const head = [new Date(one.ts).toISOString(), one.device, one.seq, received]
  if (one.residual_ma === undefined) {
    return ['readings_smoke', [
      ...head, one.smoke_db_m, one.temperature_c, one.chamber_pct, one.battery_v, one.battery_pct, one.rssi_dbm
    ]]
  }
  const [c1, c2, c3, c4] = one.cable_temperature_c || []
  const [i1, i2, i3] = one.current_a || []
  const [v1, v2, v3] = one.voltage_v || []
  return ['readings_electrical', [
    ...head, one.residual_ma, c1, c2, c3, c4, i1, i2, i3, v1, v2, v3, one.power_w, one.arc_half_cycles, one.rssi_dbm
  ]]
}

/** Statements for these rows, [text, parameters], one for each table that has any: VALUES with a parameter a cell. */
function values (rows) {
  return grouped(rows).map(([table, those]) => {
    let number = 0
    const places = those.map(cells => `(${cells.map(() => `$${++number}`)})`)
    return [`INSERT INTO ${table} (${TABLES[table]}) VALUES ${places} ON CONFLICT DO NOTHING`, those.flat()]
  })
}

/** The same as one parameter a column; of the ways tried for a thousand rows the quickest. */
function columns (rows) {
  return grouped(rows).map(([table, those]) => {
    const names = TABLES[table]
    const arrays = names.map((name, place) => `$${place + 1}::${TYPES[name] || 'float8'}[]`)
    return [
      `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays}) ON CONFLICT DO NOTHING`,
      names.map((_, place) => those.map(cells => cells[place]))
    ]
  })
}

function grouped (rows) {
  const found = new Map()
  for (const [table, cells] of rows) {
    if (!found.has(table)) found.set(table, [])
    found.get(table).push(cells)
  }
  return [...found]
}

module.exports = { rows, values, columns }
