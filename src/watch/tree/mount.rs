//! Which file systems tell nobody what is modified in them, because it is modified elsewhere: on a server, in the host of
//! a virtual machine, in another program. Called by `tree` only. Does not know: how they are watched then.

use std::path::{Path, PathBuf};

/// Numbers and names as the kernel has them (`statfs(2)`).
const REMOTE: &[(u32, &str)] = &[
    (0x0000_517B, "SMB"),
    (0x0000_564C, "NCP"),
    (0x0000_6969, "NFS"),
    (0x00C3_6400, "Ceph"),
    (0x0102_1997, "9p"),
    (0x0116_1970, "GFS2"),
    (0x0BD0_0BD0, "Lustre"),
    (0x1983_0326, "BeeGFS"),
    (0x4750_4653, "GPFS"),
    (0x5346_414F, "AFS"),
    (0x5346_4846, "drvfs"),
    (0x6573_5546, "FUSE"),
    (0x6B41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x7461_636F, "OCFS2"),
    (0x786F_4256, "vboxsf"),
    (0xBACB_ACBC, "vmhgfs"),
    (0xFE53_4D42, "SMB2"),
    (0xFF53_4D42, "CIFS"),
];

const OVERLAY: u32 = 0x794C_7630;

/// Says the name of a file system that has to be polled; `None` for all others.
pub(in crate::watch) type RemoteAt = fn(&Path) -> Option<&'static str>;

/// What the system says about the file system of a path.
#[cfg(target_os = "linux")]
pub(in crate::watch) fn remote_at(path: &Path) -> Option<&'static str> {
    let magic = magic_of(path)?;
    if magic == OVERLAY {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
        return lower_layers(&mounts, path).iter().find_map(|layer| remote(magic_of(layer)?));
    }
    remote(magic)
}

#[cfg(not(target_os = "linux"))]
pub(in crate::watch) fn remote_at(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(target_os = "linux")]
fn magic_of(path: &Path) -> Option<u32> {
    let found = nix::sys::statfs::statfs(path).ok()?;
    u32::try_from(found.filesystem_type().0 & 0xFFFF_FFFF).ok()
}

/// The name of the file system with this number, if it is a remote one.
fn remote(magic: u32) -> Option<&'static str> {
    REMOTE.iter().find(|(number, _)| *number == magic).map(|(_, name)| *name)
}

/// The lower layers of the overlay that `path` lies in: what is modified there is told to nobody.
fn lower_layers(mountinfo: &str, path: &Path) -> Vec<PathBuf> {
    let overlays = mountinfo.lines().filter_map(|line| {
        let (mount, system) = line.split_once(" - ")?;
        let point = Path::new(mount.split(' ').nth(4)?);
        let options = system.strip_prefix("overlay ")?.split(' ').nth(1)?;
        path.starts_with(point).then_some((point, options))
    });
    // The last of those that are mounted at one place is on top.
    let Some((_, options)) = overlays.max_by_key(|(point, _)| point.components().count()) else {
        return Vec::new();
    };
    let layers = options.split(',').filter_map(|option| option.strip_prefix("lowerdir"));
    layers.flat_map(|layers| layers.trim_start_matches(['+', '=']).split(':')).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_on_a_server_or_a_host_is_remote_and_what_lies_on_a_disk_is_not() {
        for (magic, name) in [
            (0x6969, "NFS"),
            (0xFF53_4D42, "CIFS"),
            (0xFE53_4D42, "SMB2"),
            (0x0102_1997, "9p"),
            (0x6573_5546, "FUSE"),
            (0x786F_4256, "vboxsf"),
        ] {
            assert_eq!(remote(magic), Some(name));
        }
        for (magic, name) in
            [(0xEF53, "ext4"), (0x0102_1994, "tmpfs"), (0x9123_683E, "btrfs"), (OVERLAY, "overlay")]
        {
            assert_eq!(remote(magic), None, "{name}");
        }
    }

    #[test]
    fn the_layers_below_the_innermost_overlay_are_found() {
        let mounts = "20 1 0:5 / / rw - ext4 /dev/vda rw\n\
            30 20 0:9 / /w rw,relatime shared:1 - overlay overlay rw,lowerdir=/nfs/a:/b,upperdir=/u,workdir=/v\n\
            31 30 0:10 / /w/in rw - overlay overlay rw,lowerdir=/c,upperdir=/u2,workdir=/v2\n";
        let of = |path: &str| lower_layers(mounts, Path::new(path));
        assert_eq!(of("/w/x"), [PathBuf::from("/nfs/a"), PathBuf::from("/b")]);
        assert_eq!(of("/w/in/x"), [PathBuf::from("/c")]);
        assert_eq!(of("/home"), Vec::<PathBuf>::new());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_answers() {
        assert!(magic_of(Path::new("/proc")).is_some_and(|magic| magic == 0x9FA0));
        assert_eq!(remote_at(Path::new("/proc")), None);
        assert_eq!(remote_at(Path::new("/no/such/place")), None);
    }
}
