-- Asks for pictures at random: wrk … -s search.lua URL -- ROWS PATH, where PATH ends in the name.
local rows, path

function init(args)
  rows, path = tonumber(args[1]), args[2]
  math.randomseed(tonumber(args[3]))
end

function request()
  return wrk.format("GET", path .. string.format("p%06d", math.random(0, rows - 1)))
end

-- One line that a program reads: microseconds, and a rate of requests a second.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.status, e.connect + e.read + e.write + e.timeout))
end
