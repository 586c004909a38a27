package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Makes executable jars of the application that is measured from the one of the build.
 */
final class FatJar {

	private static final String ARTIFACT = "headlock-benchmarks-\\d.*\\.jar";

	private final Path built;

	private final Path folder;

	private FatJar(Path built, Path folder) {
		this.built = built;
		this.folder = folder;
	}

	/**
	 * Finds the jar of the build.
	 * @param target build folder of this module
	 * @param folder where the others go
	 */
	static FatJar find(Path target, Path folder) throws IOException {
		try (Stream<Path> files = Files.list(target)) {
			return new FatJar(files.filter((file) -> file.getFileName().toString().matches(ARTIFACT))
				.findFirst()
				.orElseThrow(() -> new IllegalStateException("There is no jar in " + target + ": package it first")),
					folder);
		}
	}

	/** Makes one, or returns it if it was made before. */
	Path with(int migrations, Variant variant) throws IOException {
		return with(migrations, 0, variant);
	}

	/** With a last migration that takes so many seconds, if they are not 0. */
	Path with(int migrations, int seconds, Variant variant) throws IOException {
		Path jar = this.folder.resolve(
				String.format(Locale.ROOT, "application-%d-%d-%b.jar", migrations, seconds, variant.hasHeadlock()));
		if (!Files.exists(jar)) {
			Files.copy(this.built, jar);
			try (FileSystem content = FileSystems.newFileSystem(jar, Map.of())) {
				Path resources = content.getPath("BOOT-INF", "classes", "db", "migration");
				Migrations.write(resources, migrations);
				if (seconds > 0) {
					Migrations.writeSlow(resources, seconds);
				}
				if (!variant.hasHeadlock()) {
					removeHeadlock(content.getPath("BOOT-INF", "lib"));
				}
			}
		}
		return jar;
	}

	/** Deletes those that were made, which are large. */
	void delete() throws IOException {
		try (Stream<Path> files = Files.list(this.folder)) {
			for (Path jar : files.filter((file) -> file.toString().endsWith(".jar")).toList()) {
				Files.delete(jar);
			}
		}
	}

	private static void removeHeadlock(Path libraries) throws IOException {
		try (Stream<Path> files = Files.list(libraries)) {
			List<Path> headlock = files.filter((file) -> file.getFileName().toString().startsWith("headlock-"))
				.toList();
			for (Path file : headlock) {
				Files.delete(file);
			}
		}
	}

}
