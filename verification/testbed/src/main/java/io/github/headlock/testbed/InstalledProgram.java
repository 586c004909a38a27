package io.github.headlock.testbed;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a program of the operating system needs to run as a process of a test: where it
 * is, a port, and a directory that is deleted in the end.
 */
final class InstalledProgram {

	private InstalledProgram() {
	}

	/** Looks also where programs for administrators are, which may not be in the path. */
	static Optional<Path> find(String name) {
		return Stream
			.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)),
					Stream.of("/usr/sbin", "/usr/local/sbin"))
			.map((folder) -> Path.of(folder, name))
			.filter(Files::isExecutable)
			.findFirst();
	}

	/** A port of the loopback interface that nobody uses now. */
	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	static void delete(Path directory) {
		try (Stream<Path> files = Files.walk(directory)) {
			files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
		}
		catch (NoSuchFileException ex) {
			// it is deleted already
		}
		catch (IOException | UncheckedIOException ex) {
			throw new IllegalStateException("Cannot delete " + directory, ex);
		}
	}

}
