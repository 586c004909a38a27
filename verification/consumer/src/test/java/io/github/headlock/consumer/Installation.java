package io.github.headlock.consumer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.FileSystemUtils;

/**
 * A copy of this project, without tests and what has been built, that is installed into a
 * local repository in which there is nothing of Headlock. Everything else in that
 * repository is a link to the one of this build, so that nothing is downloaded twice.
 *
 * @param sources where the copy is
 * @param repository where the local repository is
 */
record Installation(Path sources, Path repository) {

	/** What README and getting started tell to run. */
	static final String COMMAND = "mvn -B install -Dmaven.test.skip -pl bom,starter,test-support -am";

	private static final Path TARGET = Path.of(System.getProperty("consumer.target"));

	private static final Set<String> NO_SOURCES = Set.of("target", ".git", ".idea");

	private static @Nullable Installation fromClone;

	private static @Nullable Installation ofRelease;

	/** As the README tells, once for all tests. */
	static Installation fromClone() {
		if (fromClone == null) {
			fromClone = install("clone", copyOfSources(), "");
		}
		return fromClone;
	}

	/** As a release is built, once for all tests. Classes are not compiled again. */
	static Installation ofRelease() {
		if (ofRelease == null) {
			ofRelease = install("release", fromClone().sources(), " -P release");
		}
		return ofRelease;
	}

	private static Installation install(String name, Path sources, String options) {
		try {
			Installation installation = new Installation(sources, emptyFolder(name));
			installation.linkOthers();
			installation.run(sources, COMMAND + options);
			return installation;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** An empty folder in the target folder of the build. */
	static Path emptyFolder(String name) throws IOException {
		Path folder = TARGET.resolve(name);
		// follows no links
		FileSystemUtils.deleteRecursively(folder);
		return Files.createDirectories(folder);
	}

	/** Where the artifacts of Headlock are. */
	Path artifacts() {
		return this.repository().resolve("io/github/headlock");
	}

	/** Runs commands, in which Maven has the repository of this installation. */
	String run(Path directory, String commands) {
		return shell(commands).run(directory);
	}

	Shell shell(String commands) {
		return new Shell(commands).withMaven(this.repository());
	}

	private static Path copyOfSources() {
		try {
			Path copy = emptyFolder("headlock");
			Files.walkFileTree(Page.PROJECT, new SimpleFileVisitor<>() {

				@Override
				public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
						throws IOException {
					if (NO_SOURCES.contains(directory.getFileName().toString()) || directory.endsWith("src/test")) {
						return FileVisitResult.SKIP_SUBTREE;
					}
					Files.createDirectories(copy.resolve(Page.PROJECT.relativize(directory)));
					return FileVisitResult.CONTINUE;
				}

				@Override
				public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
					if (attributes.isRegularFile()) {
						Files.copy(file, copy.resolve(Page.PROJECT.relativize(file)));
					}
					return FileVisitResult.CONTINUE;
				}

			});
			return copy;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void linkOthers() throws IOException {
		Path original = Path.of(System.getProperty("consumer.repository"));
		Path copy = Files.createDirectories(this.repository());
		for (String name : List.of("io", "github", "headlock")) {
			for (Path entry : entries(original)) {
				if (!entry.getFileName().toString().equals(name)) {
					Files.createSymbolicLink(copy.resolve(entry.getFileName()), entry);
				}
			}
			original = original.resolve(name);
			copy = name.equals("headlock") ? copy : Files.createDirectories(copy.resolve(name));
		}
	}

	private static List<Path> entries(Path folder) throws IOException {
		if (!Files.isDirectory(folder)) {
			return List.of();
		}
		try (Stream<Path> entries = Files.list(folder)) {
			return new ArrayList<>(entries.toList());
		}
	}

}
