/**
 * Where migrations happen: unpooled connections, the facts of the server behind them, and
 * the history table.
 */
@NullMarked
package io.github.headlock.database;

import org.jspecify.annotations.NullMarked;
