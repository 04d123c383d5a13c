/** What stands in front of the webmail where Nginx has port 443: its server block, and the listener that it brings requests to. */
import { say } from '#base/text.ts'
import type { Config } from '#config/schema.ts'

/** Encoded attachments go up in one request; Nginx refuses what is larger with a page of its own. */
function largestRequest({ limits }: Config): string {
  return `${Math.ceil(limits.messageSize / 1024 ** 2) + 1}m`
}

export function nginxBlock(config: Config, language: 'en' | 'ja'): string {
  const words = (en: string, ja: string) => say({ en, ja }, language)
  const http = config.listen.find(({ service }) => service === 'http')
  const port = (http && 'port' in http && http.port) || 8080
  const { hostname } = config
  return `# ${words('Our own configuration needs this listener:', 'こちらの設定には次のリスナーが必要です:')}
#   - { service: http, address: 127.0.0.1, port: ${port}, loginWithoutTls: true, forwardedBy: [127.0.0.1] }
# ${words(
    'The rest is for Nginx, on Debian /etc/nginx/sites-available/hikyaku; the certificate is yours to name.',
    '残りはNginx用です(Debianでは /etc/nginx/sites-available/hikyaku)。証明書の場所は書き換えてください。',
  )}
server {
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    server_name ${hostname};
    ssl_certificate /etc/letsencrypt/live/${hostname}/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/${hostname}/privkey.pem;
    ssl_protocols TLSv1.2 TLSv1.3;

    # ${words('attachments', '添付ファイル')}
    client_max_body_size ${largestRequest(config)};
    client_body_timeout 300s;

    location / {
        proxy_pass http://127.0.0.1:${port};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        # ${words('WebSocket; anything else goes without', 'WebSocket。ほかのリクエストでは空になります')}
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        # ${words('news comes as it happens, uploads go on as they come', '新着の通知とアップロードを溜めずに渡します')}
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_read_timeout 300s;
        proxy_send_timeout 300s;
    }
}
`
}
