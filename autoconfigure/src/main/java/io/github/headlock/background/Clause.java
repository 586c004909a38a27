package io.github.headlock.background;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A part of a statement, and the values of its parameters.
 *
 * @param sql the part, with question marks for parameters
 * @param arguments their values, as text
 */
record Clause(String sql, List<String> arguments) {

	static final Clause TRUE = new Clause("TRUE", List.of());

	static Clause of(String sql) {
		return new Clause(sql, List.of());
	}

	/** Joins conditions. */
	static Clause all(List<Clause> conditions) {
		if (conditions.isEmpty()) {
			return TRUE;
		}
		List<String> arguments = new ArrayList<>();
		conditions.forEach((condition) -> arguments.addAll(condition.arguments));
		return new Clause(conditions.stream().map(Clause::sql).collect(Collectors.joining(" AND ")), arguments);
	}

}
