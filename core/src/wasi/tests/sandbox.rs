//! No path leaves a preopened directory.

use super::*;

/// A world whose directory has a neighbour with a file in it.
#[cfg(unix)]
fn with_neighbour() -> (World, tempfile::TempDir) {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let world = world(|builder| builder);
    let root = world.root.path();
    std::fs::create_dir(root.join("d")).unwrap();
    // Links a hostile host program might have left.
    std::os::unix::fs::symlink(outside.path(), root.join("absolute")).unwrap();
    let up = format!("../{}", outside.path().file_name().unwrap().to_str().unwrap());
    std::os::unix::fs::symlink(&up, root.join("up")).unwrap();
    std::os::unix::fs::symlink(format!("{up}/secret"), root.join("file")).unwrap();
    std::os::unix::fs::symlink("..", root.join("d/parent")).unwrap();
    (world, outside)
}

#[test]
#[cfg(unix)]
fn nothing_outside_is_read() {
    let (mut world, outside) = with_neighbour();
    let secret = format!("{}/secret", outside.path().display());
    world.check(&format!("open {secret} r = EPERM"));
    world.check(&format!("stat {secret} = EPERM"));
    world.check(
        "open .. d = EPERM
         open ../ r = EPERM
         open / d = EPERM
         open d/../../x r = EPERM
         open absolute/secret rf = EPERM
         open absolute df = EPERM
         open up/secret rf = EPERM
         open file rf = EPERM
         open file r = ELOOP
         open d/parent/parent/.. d = ENOENT
         open d/parent/.. d = EPERM
         stat file = EPERM
         lstat file = type 7 size 20
         stat up/secret = EPERM
         readlink absolute 99 = EPERM
         ls 3 999 = . .. absolute d file up",
    );
    world.check(
        "open d d = 4
         open 4:../d d = EPERM
         open 4:parent df = EPERM
         open d/../d/./../d d = 5",
    );
}

#[test]
#[cfg(unix)]
fn nothing_outside_is_changed() {
    let (mut world, outside) = with_neighbour();
    let elsewhere = outside.path().display().to_string();
    world.check(
        "open a cw = 4
         mkdir ../x = EPERM
         mkdir up/x = EPERM
         rmdir ../x = EPERM
         unlink up/secret = EPERM
         unlink absolute/secret = EPERM
         rename a ../a = EPERM
         rename a up/a = EPERM
         rename up/secret b = EPERM
         link up/secret b = EPERM
         link a up/b = EPERM
         symlink /etc/passwd s = EPERM
         symlink a up/s = EPERM
         open file cwtf = EPERM
         open up/new cw = EPERM
         open absolute/new cwf = EPERM
         touch file 1 1 5 = EPERM",
    );
    world.check(&format!("mkdir {elsewhere}/x = EPERM"));
    world.check(&format!("rename a {elsewhere}/a = EPERM"));
    assert_eq!(std::fs::read(outside.path().join("secret")).unwrap(), b"secret");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}

/// Files may go from one preopened directory to another; a path stays below the one it is given with.
#[test]
#[cfg(target_os = "linux")]
fn between_two_directories() {
    let other = tempfile::tempdir().unwrap();
    let mut world = world(|builder| builder.preopen(other.path(), "/other").expect("the directory opens"));
    let name = world.root.path().file_name().unwrap().to_str().unwrap().to_owned();
    world.check(
        "prestat 3 = /other
         prestat 4 = /
         prestat 5 = EBADF
         open 4:a crw = 5
         write 5 abc = 3
         rename 4:a 3:b = ok
         stat 4:a = ENOENT
         stat 3:b = type 4 size 3
         link 3:b 4:c = ok
         stat 4:c = type 4 size 3
         mkdir 3:d = ok
         rename 3:d 4:d = ok
         open 4:d d = 6
         rename 6:../c 4:e = EPERM
         rename 3:b 6:../b = EPERM
         link 3:b 6:../../b = EPERM
         rename 3:b 6:b = ok
         unlink 4:d/b = ok
         ls 3 99 = . ..",
    );
    world.check(&format!("open 3:../{name}/c r = EPERM"));
    world.check(&format!("rename 4:c 3:../{name}/e = EPERM"));
    // A link made in one leads nowhere in the other.
    world.check(&format!("symlink ../{name}/c 3:s = ok"));
    world.check("open 3:s rf = EPERM");
}
