package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.LoggedProcess;

/**
 * Starts the application once, in a JVM of its own with the JVM's default options, and
 * reads what the start has cost.
 */
final class ColdStart {

	private static final Duration PATIENCE = Duration.ofMinutes(10);

	private static final Pattern VALUE = Pattern.compile("(start|strategy|query)-(\\w+)=(-?\\d+)");

	private final Map<String, Long> values = new HashMap<>();

	private ColdStart(String line) {
		VALUE.matcher(line)
			.results()
			.forEach((value) -> this.values.put(value.group(1) + "-" + value.group(2), Long.parseLong(value.group(3))));
	}

	/**
	 * Starts it and waits for its end.
	 * @param jar the executable jar
	 * @param variant what migrates
	 * @param url JDBC URL of the database
	 * @param log file for the output
	 */
	static ColdStart run(Path jar, Variant variant, String url, Path log) throws InterruptedException {
		List<String> command = new ArrayList<>(List.of(java(), "-jar", jar.toString()));
		command.addAll(arguments(url));
		command.addAll(variant.arguments());
		try (LoggedProcess process = LoggedProcess.start(new ProcessBuilder(command), log)) {
			if (!process.endsWithin(PATIENCE) || process.exitCode() != 0) {
				throw new IllegalStateException("The application does not start:\n" + process.log().text());
			}
			return new ColdStart(process.log()
				.lines()
				.stream()
				.filter((line) -> line.startsWith("BENCHMARK "))
				.findFirst()
				.orElseThrow(() -> new IllegalStateException("The application is silent:\n" + process.log().text())));
		}
	}

	/**
	 * What the process has measured itself, in milliseconds and in numbers of classes.
	 */
	Map<Metric, Double> values() {
		Map<Metric, Double> result = new EnumMap<>(Metric.class);
		result.put(Metric.START_TIME, (value("start-to") - value("start-from")) / 1000.0);
		result.put(Metric.START_CPU, value("start-cpu") / 1000.0);
		result.put(Metric.START_CLASSES, (double) value("start-classes"));
		result.put(Metric.STRATEGY_TIME, (value("strategy-to") - value("strategy-from")) / 1000.0);
		result.put(Metric.STRATEGY_CPU, value("strategy-cpu") / 1000.0);
		result.put(Metric.STRATEGY_CLASSES, (double) value("strategy-classes"));
		result.put(Metric.QUERY_CLASSES, (double) value("query-classes"));
		return result;
	}

	/** What a proxy, through which no other process went, has counted meanwhile. */
	Map<Metric, Double> values(CountingProxy proxy) {
		CountingProxy.Counts start = proxy.counts(value("start-from"), value("start-to"));
		CountingProxy.Counts strategy = proxy.counts(value("strategy-from"), value("strategy-to"));
		Map<Metric, Double> result = values();
		result.put(Metric.START_CONNECTIONS, (double) start.connections());
		result.put(Metric.START_TURNS, (double) start.turns());
		result.put(Metric.STRATEGY_CONNECTIONS, (double) strategy.connections());
		result.put(Metric.STRATEGY_TURNS, (double) strategy.turns());
		return result;
	}

	/** The executable of this JVM. */
	static String java() {
		return Path.of(System.getProperty("java.home"), "bin", "java").toString();
	}

	/** What the application is told of its database. */
	static List<String> arguments(String url) {
		return List.of("--spring.datasource.url=" + url, "--spring.datasource.username=postgres",
				// connections are opened by who needs them, not beside
				"--spring.datasource.hikari.minimum-idle=0",
				"--spring.datasource.hikari.initialization-fail-timeout=-1");
	}

	private long value(String name) {
		return this.values.get(name);
	}

}
