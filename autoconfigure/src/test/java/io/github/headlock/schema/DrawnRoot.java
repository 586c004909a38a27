package io.github.headlock.schema;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.springframework.boot.loader.net.protocol.jar.JarUrl;

/**
 * One element of a class path, with its files.
 */
final class DrawnRoot {

	private static final String CLASSES = "BOOT-INF/classes/";

	private static final String LIBRARY = "BOOT-INF/lib/library.jar";

	private final Kind kind;

	private final Map<String, byte[]> files = new TreeMap<>();

	private final List<Consumer<Path>> onDisk = new ArrayList<>();

	private boolean withFolders = true;

	private String extension = ".jar";

	DrawnRoot(Kind kind) {
		this.kind = kind;
	}

	Kind kind() {
		return this.kind;
	}

	Map<String, byte[]> files() {
		return this.files;
	}

	/** Leaves out the entries of folders, as some tools do that write jars. */
	void withoutFolders() {
		this.withFolders = false;
	}

	void extension(String extension) {
		this.extension = extension;
	}

	/** Does something to a folder after its files are written; nothing to a jar. */
	void onDisk(Consumer<Path> change) {
		this.onDisk.add(change);
	}

	URL write(Path path) {
		try {
			if (this.kind == Kind.FOLDER) {
				writeFolder(Files.createDirectory(path));
				return path.toUri().toURL();
			}
			File file = new File(path + this.extension);
			switch (this.kind) {
				case FAT_JAR -> Files.write(file.toPath(), jar(CLASSES, this.files));
				case LIBRARY_IN_FAT_JAR -> Files.write(file.toPath(), jar("", Map.of(LIBRARY, jar("", this.files))));
				default -> Files.write(file.toPath(), jar("", this.files));
			}
			return url(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private URL url(File file) throws MalformedURLException {
		return switch (this.kind) {
			case FAT_JAR -> JarUrl.create(file, CLASSES);
			case LIBRARY_IN_FAT_JAR -> JarUrl.create(file, LIBRARY);
			default -> file.toURI().toURL();
		};
	}

	private void writeFolder(Path root) throws IOException {
		for (Map.Entry<String, byte[]> file : this.files.entrySet()) {
			Path path = root.resolve(file.getKey());
			Files.createDirectories(path.getParent());
			Files.write(path, file.getValue());
		}
		this.onDisk.forEach((change) -> change.accept(root));
	}

	private byte[] jar(String prefix, Map<String, byte[]> contents) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
			Set<String> folders = new TreeSet<>();
			for (Map.Entry<String, byte[]> file : contents.entrySet()) {
				String path = prefix + file.getKey();
				for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
					if ((this.withFolders || slash < prefix.length()) && folders.add(path.substring(0, slash + 1))) {
						zip.putNextEntry(new ZipEntry(path.substring(0, slash + 1)));
					}
				}
				zip.putNextEntry(stored(path, file.getValue()));
				zip.write(file.getValue());
			}
		}
		return bytes.toByteArray();
	}

	/** Jars in jars must not be compressed. */
	private static ZipEntry stored(String name, byte[] content) {
		CRC32 checksum = new CRC32();
		checksum.update(content);
		ZipEntry entry = new ZipEntry(name);
		entry.setMethod(ZipEntry.STORED);
		entry.setSize(content.length);
		entry.setCrc(checksum.getValue());
		return entry;
	}

	/** Where files of a class path lie. */
	enum Kind {

		/** A folder on disk. */
		FOLDER,

		/** A plain jar. */
		JAR,

		/** The classes of an application in its executable jar. */
		FAT_JAR,

		/** A jar in the executable jar of an application. */
		LIBRARY_IN_FAT_JAR

	}

}
