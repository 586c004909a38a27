package io.github.headlock.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

import com.marcnuri.helm.Helm;

import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * The Helm chart, rendered without a cluster.
 */
final class Chart {

	static final Path FOLDER = Path.of("helm", "parcels");

	/** The least that has to be given. */
	static final String DATABASE = """
			database:
			  application: {url: "jdbc:postgresql://pgbouncer:6432/parcels"}
			  migrator: {url: "jdbc:postgresql://postgres:5432/parcels"}
			""";

	private static final String OLDEST_KUBERNETES = "1.30.0";

	private Chart() {
	}

	/** Renders it with the database and these values. */
	static Manifests render(String... values) {
		return Manifests.parse(text(DATABASE + String.join("", values)));
	}

	/** Renders one of the patterns. */
	static Manifests migratingIn(String runIn, String... values) {
		return render("migrations: {runIn: %s}\n".formatted(runIn), String.join("", values));
	}

	/** Returns what Helm says instead of rendering it with these values. */
	static String refusalOf(String... values) {
		Throwable refusal = catchThrowable(() -> text(String.join("", values)));
		if (refusal == null) {
			throw new AssertionError("Not refused: " + String.join("", values));
		}
		return String.valueOf(refusal.getMessage());
	}

	/** Returns what Helm shows after an installation. */
	static String notes(String values) {
		return withFile(DATABASE + values,
				(file) -> new Helm(FOLDER).install()
					.withName("shop")
					.withNamespace("shop")
					.clientOnly()
					.dryRun()
					.withKubeVersion(OLDEST_KUBERNETES)
					.withValuesFile(file)
					.call()
					.getOutput());
	}

	private static String text(String values) {
		return withFile(values,
				(file) -> new Helm(FOLDER).template()
					.withName("shop")
					.withNamespace("shop")
					.withKubeVersion(OLDEST_KUBERNETES)
					.withValuesFile(file)
					.call());
	}

	private static String withFile(String values, Function<Path, String> helm) {
		try {
			Path file = Files.createTempFile("values", ".yaml");
			try {
				return helm.apply(Files.writeString(file, values));
			}
			finally {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
