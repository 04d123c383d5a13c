local function scored(name, score, test)
  rspamd_config:register_symbol({ name = name, callback = test, score = score, type = 'normal' })
end
scored('TEST_JUNK', 7.5, function(task) return string.find(task:get_header('Subject') or '', 'junk') ~= nil end)
scored('TEST_REJECT', 20, function(task) return string.find(task:get_header('Subject') or '', 'refuse') ~= nil end)
scored('TEST_IP', 0.5, function(task) local ip = task:get_from_ip() return ip and ip:is_valid() and tostring(ip) == '192.0.2.7' end)
scored('TEST_HELO', 0.25, function(task) return task:get_helo() == 'mx.internet.test' end)
rspamd_config:register_symbol({ name = 'TEST_LATER', type = 'postfilter', callback = function(task)
  if string.find(task:get_header('Subject') or '', 'later') then task:set_pre_result('soft reject', 'come again') end
end })
