package io.github.headlock.actuate;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * Names of what Headlock observes.
 */
enum MigrationObservationDocumentation implements ObservationDocumentation {

	/**
	 * Database part of the start of this process: look, wait, migrate. A registry of
	 * meters makes a timer of it, hence not the name of Headlock's own.
	 */
	START {

		@Override
		public String getName() {
			return "headlock.start";
		}

		@Override
		public String getContextualName() {
			return "headlock start";
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return LowCardinality.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return HighCardinality.values();
		}

	};

	/**
	 * Keys with few values, which become tags of meters.
	 */
	enum LowCardinality implements KeyName {

		/**
		 * How the start ended; {@code none} where Headlock is not active.
		 */
		OUTCOME {

			@Override
			public String asString() {
				return "outcome";
			}

		}

	}

	/**
	 * Keys with many values, which only traces have, and only of starts that succeeded.
	 */
	enum HighCardinality implements KeyName {

		/**
		 * Schema that holds the history table.
		 */
		SCHEMA {

			@Override
			public String asString() {
				return "schema";
			}

		},

		/**
		 * Version the schema has afterwards.
		 */
		VERSION {

			@Override
			public String asString() {
				return "version";
			}

		},

		/**
		 * Number of migrations that this process applied.
		 */
		MIGRATIONS {

			@Override
			public String asString() {
				return "migrations";
			}

		},

		/**
		 * Wait for the lock or for another process, in the notation of ISO 8601.
		 */
		WAITED {

			@Override
			public String asString() {
				return "waited";
			}

		}

	}

}
