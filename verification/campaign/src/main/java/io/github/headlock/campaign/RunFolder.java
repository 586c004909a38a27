package io.github.headlock.campaign;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Where one run leaves its migrations and logs. There is one run at a time, because the
 * build before the next one replaces what replicas are started from.
 */
final class RunFolder implements AutoCloseable {

	private static final int KEPT = 4;

	private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'run-'yyyyMMdd-HHmmss-SSSSSS",
			Locale.ROOT);

	private final FileChannel channel;

	private final Path path;

	private RunFolder(FileChannel channel, Path path) {
		this.channel = channel;
		this.path = path;
	}

	/**
	 * Opens a new one, and deletes old ones but for a few.
	 * @param target build folder of this module
	 * @throws InUseException if another run has one open
	 */
	static RunFolder open(Path target) throws IOException {
		Path all = Files.createDirectories(target.resolve("campaign")).toAbsolutePath();
		FileChannel channel = FileChannel.open(all.resolve("lock"), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE);
		if (tryLock(channel) == null) {
			channel.close();
			throw new InUseException(
					String.format(Locale.ROOT, "another campaign runs on %s: wait for its end, or use a copy", target));
		}
		List<Path> old = runs(all);
		for (Path run : old.subList(0, Math.max(0, old.size() - KEPT))) {
			delete(run);
		}
		return new RunFolder(channel,
				Files.createDirectory(all.resolve(LocalDateTime.now(ZoneId.systemDefault()).format(NAME))));
	}

	private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
		try {
			return channel.tryLock();
		}
		catch (OverlappingFileLockException ex) {
			// one of this JVM's
			return null;
		}
	}

	/** The earliest first. */
	private static List<Path> runs(Path all) throws IOException {
		try (Stream<Path> files = Files.list(all)) {
			return files.filter((file) -> file.getFileName().toString().startsWith("run-")).sorted().toList();
		}
	}

	private static void delete(Path folder) throws IOException {
		try (Stream<Path> files = Files.walk(folder)) {
			files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
		}
	}

	Path path() {
		return this.path;
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

	/**
	 * Another run has a folder open.
	 */
	static final class InUseException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private InUseException(String message) {
			super(message);
		}

	}

}
