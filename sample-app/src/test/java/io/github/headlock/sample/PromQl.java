package io.github.headlock.sample;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Metrics that a PromQL expression uses, each with the labels that it is selected by.
 * Knows as much of the language as the documentation uses.
 */
final class PromQl {

	private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset", "group_left",
			"group_right");

	private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");

	private static final Pattern RANGE = Pattern.compile("\\[[^\\]]*\\]");

	private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");

	/** A name with an optional selector; not a function, which has a parenthesis. */
	private static final Pattern METRIC = Pattern
		.compile("(?<![\\w.$])([a-zA-Z_:][\\w:]*+)(?!\\s*\\()\\s*(?:\\{([^}]*)})?");

	private static final Pattern LABEL = Pattern.compile("[a-zA-Z_]\\w*");

	private PromQl() {
	}

	static Map<String, Set<String>> metrics(String expression) {
		String text = RANGE.matcher(STRING.matcher(expression).replaceAll("")).replaceAll("");
		Set<String> grouping = new TreeSet<>();
		GROUPING.matcher(text).results().forEach((group) -> grouping.addAll(labels(group.group(1))));
		// an aggregation's name may stand before its grouping
		String rest = GROUPING.matcher(text).replaceAll("").replaceAll("\\b(?:sum|min|max|avg|count)\\b", "");
		Map<String, Set<String>> metrics = new TreeMap<>();
		Matcher metric = METRIC.matcher(rest);
		while (metric.find()) {
			if (!OPERATORS.contains(metric.group(1))) {
				Set<String> labels = metrics.computeIfAbsent(metric.group(1), (name) -> new TreeSet<>(grouping));
				if (metric.group(2) != null) {
					labels.addAll(labels(metric.group(2)));
				}
			}
		}
		return metrics;
	}

	private static Set<String> labels(String list) {
		Set<String> labels = new TreeSet<>();
		LABEL.matcher(list).results().forEach((label) -> labels.add(label.group()));
		return labels;
	}

}
