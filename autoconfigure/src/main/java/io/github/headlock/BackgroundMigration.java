package io.github.headlock;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Changes rows in small batches while the application serves, by code where a statement
 * in an SQL file is not enough. Beans of this type are background migrations of the
 * release. They are created before JPA: they cannot have repositories, an
 * {@code EntityManager} or the application's {@code JdbcTemplate} injected, and work with
 * {@link Batch#jdbc()} instead.
 * <p>
 * What is done through {@link Batch#jdbc()} is done exactly once, with what is written
 * down of it. Anything else, such as a call of another service, can be done again.
 */
public interface BackgroundMigration {

	/**
	 * Returns which rows it is about. Called once, when the application starts.
	 * @return the declaration
	 */
	Definition definition();

	/**
	 * Changes the rows of a batch, so that they do not match
	 * {@link Definition#where(String)} any more. Called by one thread at a time in each
	 * process, and only where there are such rows. It is given up, and tried again with
	 * fewer rows, after {@code headlock.background.batch-timeout}.
	 * @param batch the rows, and the transaction to change them in
	 * @return number of rows that were changed
	 * @throws Exception if it failed; nothing of the batch is kept then, and it is tried
	 * again, with fewer and fewer rows, until the row is found that it fails for
	 */
	int migrate(Batch batch) throws Exception;

	/**
	 * Makes one of a definition and a function.
	 * @param definition which rows it is about
	 * @param change changes the rows of a batch, as {@link #migrate(Batch)} does
	 * @return the migration
	 */
	static BackgroundMigration of(Definition definition, Change change) {
		return new BackgroundMigration() {

			@Override
			public Definition definition() {
				return definition;
			}

			@Override
			public int migrate(Batch batch) throws Exception {
				return change.migrate(batch);
			}

		};
	}

	/**
	 * Changes the rows of a batch.
	 */
	@FunctionalInterface
	interface Change {

		/**
		 * Changes the rows of a batch.
		 * @param batch the rows, and the transaction to change them in
		 * @return number of rows that were changed
		 * @throws Exception if it failed
		 */
		int migrate(Batch batch) throws Exception;

	}

	/**
	 * Some rows that still need the migration, and a transaction that ends when the call
	 * does.
	 */
	interface Batch {

		/**
		 * Returns the means to read and change rows in the transaction of the batch. Its
		 * connection is not to be committed, rolled back or set up in another way, and of
		 * no use after the call.
		 * @return the template
		 */
		JdbcTemplate jdbc();

		/**
		 * Returns a condition on the rows of the batch, to be used after {@code WHERE}
		 * with the {@linkplain #arguments() arguments}. They are in its range of keys,
		 * match {@link Definition#where(String)} and are locked by this transaction, as
		 * {@code FOR NO KEY UPDATE} does; rows that somebody else has locked are left
		 * out.
		 * @return the condition, with a question mark for each argument
		 */
		String condition();

		/**
		 * Returns the values of the question marks in the {@linkplain #condition()
		 * condition}.
		 * @return a new array
		 */
		Object[] arguments();

	}

	/**
	 * Declares which rows a background migration is about.
	 */
	final class Definition {

		private final String name;

		private final @Nullable String table;

		private final @Nullable String since;

		private final @Nullable String where;

		private final List<String> key;

		private final @Nullable String alias;

		private Definition(String name, @Nullable String table, @Nullable String since, @Nullable String where,
				List<String> key, @Nullable String alias) {
			this.name = name;
			this.table = table;
			this.since = since;
			this.where = where;
			this.key = key;
			this.alias = alias;
		}

		/**
		 * Begins a definition. {@link #table(String)}, {@link #since(String)} and
		 * {@link #where(String)} are needed as well.
		 * @param name its name, of {@code a} to {@code z}, {@code 0} to {@code 9} and
		 * {@code _}: the identity of the migration for ever
		 * @return the definition
		 */
		public static Definition of(String name) {
			return new Definition(name, null, null, null, List.of(), null);
		}

		/**
		 * Names the table.
		 * @param table its name as it stands in SQL, such as {@code sales.customer}
		 * @return a new definition with it
		 */
		public Definition table(String table) {
			return new Definition(this.name, table, this.since, this.where, this.key, this.alias);
		}

		/**
		 * Says from when on it can be worked on.
		 * @param since schema version of the migration that adds what it needs
		 * @return a new definition with it
		 */
		public Definition since(String since) {
			return new Definition(this.name, this.table, since, this.where, this.key, this.alias);
		}

		/**
		 * Says which rows still need it.
		 * @param where a condition in SQL, which is false for each row that was changed
		 * @return a new definition with it
		 */
		public Definition where(String where) {
			return new Definition(this.name, this.table, this.since, where, this.key, this.alias);
		}

		/**
		 * Names the columns to go along, if not those of the primary key.
		 * @param columns names as they stand in SQL, the first columns of a btree index
		 * @return a new definition with them
		 */
		public Definition key(String... columns) {
			return new Definition(this.name, this.table, this.since, this.where, List.of(columns), this.alias);
		}

		/**
		 * Says what the statements call the table, if not by its name.
		 * @param alias the name as it stands in SQL
		 * @return a new definition with it
		 */
		public Definition alias(String alias) {
			return new Definition(this.name, this.table, this.since, this.where, this.key, alias);
		}

		/**
		 * Returns the name of the migration.
		 * @return the name
		 */
		public String getName() {
			return this.name;
		}

		/**
		 * Returns the name of the table.
		 * @return the name, {@code null} if none was given
		 */
		public @Nullable String getTable() {
			return this.table;
		}

		/**
		 * Returns the schema version that it needs.
		 * @return the version, {@code null} if none was given
		 */
		public @Nullable String getSince() {
			return this.since;
		}

		/**
		 * Returns the condition on the rows that still need it.
		 * @return the condition, {@code null} if none was given
		 */
		public @Nullable String getWhere() {
			return this.where;
		}

		/**
		 * Returns the columns to go along.
		 * @return the columns, empty for those of the primary key
		 */
		public List<String> getKey() {
			return this.key;
		}

		/**
		 * Returns what the statements call the table.
		 * @return the name, {@code null} if they call it by its own
		 */
		public @Nullable String getAlias() {
			return this.alias;
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

}
