<?php
// What an owner writes who puts Roundcube before this home: mail over verified TLS, its caches on, its plugins for filters and archive.
$config = [];
$verified = ['ssl' => ['cafile' => '@ca@', 'peer_name' => 'mail.home.test']];

$config['db_dsnw'] = 'sqlite:///@folder@/roundcube.db?mode=0640';
$config['temp_dir'] = '@folder@/temp/';
$config['des_key'] = 'twenty-four-octets-here!';
$config['session_lifetime'] = 60;

$config['imap_host'] = 'ssl://localhost:@imaps@';
$config['imap_conn_options'] = $verified;
$config['imap_cache'] = 'db';
$config['messages_cache'] = 'db';
$config['messages_cache_threshold'] = 0;

$config['smtp_host'] = 'tls://localhost:@submission@';
$config['smtp_conn_options'] = $verified;

$config['plugins'] = ['archive', 'managesieve', 'markasjunk', 'zipdownload'];
$config['managesieve_host'] = 'tls://localhost:@managesieve@';
$config['managesieve_conn_options'] = $verified;
$config['managesieve_vacation'] = 1;

$config['skin'] = 'elastic';
$config['timezone'] = 'Asia/Tokyo';
$config['enable_spellcheck'] = false;
$config['check_all_folders'] = true;

// every line that it speaks, for the test to read
$config['log_dir'] = '@folder@/logs/';
$config['imap_debug'] = true;
$config['smtp_debug'] = true;
$config['managesieve_debug'] = true;
