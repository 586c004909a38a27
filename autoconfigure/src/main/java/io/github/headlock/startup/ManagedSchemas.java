package io.github.headlock.startup;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.history.HistoryTable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the schemas of this process: one, or several where each module of the application
 * has a history table of its own. Thread-safe.
 */
final class ManagedSchemas {

	private static final Logger logger = LoggerFactory.getLogger(ManagedSchemas.class);

	/** In the order of their starts. */
	private final Map<HistoryTable, ManagedSchema> schemas = new LinkedHashMap<>();

	private volatile @Nullable ManagedSchema joined;

	/**
	 * Adds a schema, or replaces the one with the same history table.
	 * @param schema what a start left behind
	 */
	synchronized void add(ManagedSchema schema) {
		this.schemas.put(schema.table(), schema);
		this.joined = ManagedSchema.join(List.copyOf(this.schemas.values()));
	}

	/**
	 * Returns all of them joined.
	 * @return the schema, ready when all are; empty if there is none
	 */
	Optional<ManagedSchema> joined() {
		return Optional.ofNullable(this.joined);
	}

	/**
	 * Says in the log of which history health tells, if there are several.
	 */
	synchronized void warnOfSeveral() {
		ManagedSchema schema = this.joined;
		if (schema != null && this.schemas.size() > 1) {
			logger.warn("This process has several history tables, {}; health and gauges tell of one that is not ready, "
					+ "else of {}, as the endpoint does", this.schemas.keySet(), schema.table());
		}
	}

}
