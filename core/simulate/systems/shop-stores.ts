import type { CacheDef, DatabaseDef, StatementDef, TopicDef } from '../system-types';

const statement = (
  verb: string,
  table: string,
  text: string,
  ms: number,
  rows: number,
): StatementDef => ({ verb, table, text, ms, rows });

/** Statements of bad releases by what they replace: none can use an index. */
export const SLOW_VARIANTS: Readonly<Record<string, string>> = {
  findDuplicate: 'findDuplicateByEmail',
  stock: 'stockOfAllWarehouses',
  reviews: 'mostHelpfulReviews',
};

export const DATABASES: readonly DatabaseDef[] = [
  {
    name: 'orders-db',
    system: 'postgresql',
    namespace: 'shop',
    host: 'db-host-1',
    port: 5432,
    slots: 4,
    statements: {
      findDuplicate: statement(
        'SELECT',
        'orders',
        'SELECT id FROM orders WHERE cart_id = $1 LIMIT 1',
        2,
        1,
      ),
      findDuplicateByEmail: statement(
        'SELECT',
        'orders',
        'SELECT id FROM orders WHERE lower(customer_email) = lower($1) AND created_at > $2',
        1150,
        2_400_000,
      ),
      insertOrder: statement(
        'INSERT',
        'orders',
        'INSERT INTO orders (id, cart_id, customer_email, total) VALUES ($1, $2, $3, $4)',
        5,
        1,
      ),
      updateOrder: statement(
        'UPDATE',
        'orders',
        'UPDATE orders SET state = $1 WHERE id = $2',
        5,
        1,
      ),
      listOrders: statement(
        'SELECT',
        'orders',
        'SELECT * FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20',
        7,
        20,
      ),
      insertPayment: statement(
        'INSERT',
        'payments',
        'INSERT INTO payments (id, order_id, amount, state) VALUES ($1, $2, $3, $4)',
        4,
        1,
      ),
      updatePayment: statement(
        'UPDATE',
        'payments',
        'UPDATE payments SET state = $1 WHERE id = $2',
        4,
        1,
      ),
      session: statement('SELECT', 'sessions', 'SELECT * FROM sessions WHERE token = $1', 3, 1),
      user: statement('SELECT', 'users', 'SELECT * FROM users WHERE email = $1', 3, 1),
      report: statement(
        'SELECT',
        'orders',
        'SELECT date_trunc($1, created_at), count(*) FROM orders GROUP BY 1',
        2200,
        900_000,
      ),
    },
  },
  {
    name: 'catalog-db',
    system: 'mysql',
    namespace: 'catalog',
    host: 'db-host-2',
    port: 3306,
    slots: 4,
    statements: {
      product: statement('SELECT', 'products', 'SELECT * FROM products WHERE id = ?', 4, 1),
      products: statement('SELECT', 'products', 'SELECT * FROM products WHERE id IN (?)', 9, 24),
      featured: statement(
        'SELECT',
        'products',
        'SELECT * FROM products WHERE featured = 1 ORDER BY position LIMIT 40',
        16,
        40,
      ),
      reviews: statement(
        'SELECT',
        'reviews',
        'SELECT * FROM reviews WHERE product_id = ? LIMIT 10',
        5,
        10,
      ),
      stockOfAllWarehouses: statement(
        'SELECT',
        'stock',
        "SELECT SUM(quantity) FROM stock WHERE CONCAT(sku, '-', warehouse) LIKE ?",
        850,
        1_700_000,
      ),
      mostHelpfulReviews: statement(
        'SELECT',
        'reviews',
        'SELECT * FROM reviews WHERE product_id + 0 = ? ORDER BY votes DESC LIMIT 10',
        620,
        1_300_000,
      ),
      discounts: statement(
        'SELECT',
        'discounts',
        'SELECT * FROM discounts WHERE active = 1',
        4,
        30,
      ),
      stock: statement('SELECT', 'stock', 'SELECT quantity FROM stock WHERE sku = ?', 2.5, 1),
      reserve: statement(
        'UPDATE',
        'stock',
        'UPDATE stock SET reserved = reserved + ? WHERE sku = ?',
        5,
        1,
      ),
      commit: statement(
        'UPDATE',
        'stock',
        'UPDATE stock SET quantity = quantity - ? WHERE sku = ?',
        5,
        1,
      ),
    },
  },
];

export const CACHES: readonly CacheDef[] = [
  { name: 'session-cache', host: 'cache-host-1', port: 6379, ms: 0.35 },
];

export const TOPICS: readonly TopicDef[] = [{ name: 'order-placed', broker: 'kafka-1' }];
